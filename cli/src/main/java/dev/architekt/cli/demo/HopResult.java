package dev.architekt.cli.demo;

/**
 * One hop, as its clients, its hosts and the kernel's counters saw it. Times in milliseconds, bytes
 * both ways.
 */
public record HopResult(
    String from,
    String to,
    double clientGapMs,
    double idleGapMs,
    double pauseMs,
    double totalMs,
    long bytesOnWire,
    int rounds,
    long chunksOnDemand,
    String switchReason) {}
