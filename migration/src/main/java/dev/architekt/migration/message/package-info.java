/**
 * What the two sides of a migration say to each other, as values.
 *
 * <p>{@link dev.architekt.migration.message.Message} is sealed, so that a new message does not
 * compile until every codec and every state machine has an answer for it. Nothing here knows about
 * sockets, bytes on the wire or time; HELLO and framing belong to the wire. Every record checks its
 * fields against {@link dev.architekt.migration.message.Bounds}, so that a value that exists is a
 * value that may be acted on.
 *
 * <p>Lanes are the connections of one link ({@link dev.architekt.migration.message.Lane}). Within a
 * lane messages arrive in the order in which they were sent; between lanes no order is promised.
 * When one lane is lost the whole link is lost: nothing that was sent on it arrives later.
 */
package dev.architekt.migration.message;
