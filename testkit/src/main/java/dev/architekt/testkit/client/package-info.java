/**
 * Clients of ordinary services, each of which keeps one conversation going for as long as it is
 * asked to and says what it noticed: the longest time without an answer, anything wrong in an
 * answer, and whether the connection is still the one it began with.
 *
 * <pre>
 *   test ──stdin "stop"──► ConversationMain ──exchange(n), one after the other──► Conversation ──► service
 *        ◄─one JSON object a line──┘
 * </pre>
 *
 * <p>One thread talks; HTTP's slow download has a second one. None reconnects: a lost connection is
 * a failure.
 */
package dev.architekt.testkit.client;
