/**
 * How long an instance takes from the command that starts it to its service's first answer, and
 * what its peer holds in memory.
 *
 * <p>One thread.
 */
package dev.architekt.bench.start;
