/**
 * What a client of an instance sees, measured from outside: nothing in here knows how the instance
 * is moved.
 *
 * <pre>
 *   demo, bench ── {@link dev.architekt.probe.ProbeProcess} ──stdin/stdout, a JSON object a line──► {@link dev.architekt.probe.Probe}
 *                                                              (in the client's namespace)             │
 *                              {@link dev.architekt.probe.RedisLoad}, {@link dev.architekt.probe.GapProbe}, {@link dev.architekt.probe.ClockProbe} ◄┘
 * </pre>
 *
 * Each probe is an operating system process of its own, so that its garbage collector and its
 * threads are not those of what it measures. Times are {@code System.nanoTime()}, which is
 * CLOCK_MONOTONIC here. A connection that is lost is lost: nothing reconnects.
 *
 * <p>Threads: a sender and a receiver for each open-loop connection, one for each closed-loop
 * connection; all are platform threads that allocate nothing while they run.
 */
package dev.architekt.probe;
