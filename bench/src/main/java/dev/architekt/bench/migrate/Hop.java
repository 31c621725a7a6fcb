package dev.architekt.bench.migrate;

/**
 * One move, as its client, its engine and the kernel's counters saw it. Times in milliseconds.
 *
 * @param engine who moved it
 * @param variant how, in words of the engine's; empty when there is one way only
 * @param gapMs the client's longest time without an answer around the move
 * @param idleGapMs the same in the load before it, without a move
 * @param pauseMs from stop to run, on one host's monotonic clock
 * @param totalMs of the move with the start of the destination's process
 * @param startMs of that start alone
 * @param bytes counted by the destination's kernel, both ways
 * @param toEmpty whether the destination had nothing of the VM
 * @param writesPerSecond acknowledged before the move
 * @param retransmits segments that clients sent again around the move
 * @param timeouts retransmission time-outs among them
 * @param probeLateMs how late the probe itself was at worst: a gap not much longer than this says
 *     nothing
 * @param remark what the engine says about it
 */
record Hop(
    String engine,
    String variant,
    double gapMs,
    double idleGapMs,
    double pauseMs,
    double totalMs,
    double startMs,
    long bytes,
    boolean toEmpty,
    double writesPerSecond,
    long retransmits,
    long timeouts,
    double probeLateMs,
    String remark) {}
