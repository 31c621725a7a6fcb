/**
 * A demo as one HTML page that needs no network.
 *
 * <pre>
 *   probe's windows, peers' reports and events ─┐
 *   {@link dev.architekt.cli.demo.record.WireSampler} (a kernel's counters) ─┴─► {@link dev.architekt.cli.demo.record.Recording} ─► {@link dev.architekt.cli.demo.record.Timeline} a hop
 *                                                                                           │
 *   {@link dev.architekt.cli.demo.record.Page} ◄─ {@link dev.architekt.cli.demo.record.HopChart}, {@link dev.architekt.cli.demo.record.PauseChart} ◄─────────┘
 * </pre>
 *
 * One clock for all: every process of a demo is on this machine, and {@code System.nanoTime} is its
 * CLOCK_MONOTONIC in each of them, so that times are compared as they are. Two exceptions, which
 * the page states too: when the guest stopped is the time when it ran again less the pause that the
 * source measured, and the parts of the pause are durations that are put one after another.
 *
 * <p>Threads: one that samples counters while a hop is recorded.
 */
package dev.architekt.cli.demo.record;
