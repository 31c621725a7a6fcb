/**
 * What a guest pays, while it does not move, for having its RAM on our mount: the same guest beside
 * it with anonymous RAM, in pairs of short runs that take turns.
 *
 * <p>One thread.
 */
package dev.architekt.bench.guest;
