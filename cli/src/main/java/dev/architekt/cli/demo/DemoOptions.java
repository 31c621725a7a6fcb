package dev.architekt.cli.demo;

import java.time.Duration;

/**
 * What a demo does.
 *
 * @param hops 1 or more
 * @param load {@code L1} or {@code L2}
 * @param memoryMiB the VM's RAM
 * @param idle how long the gap without a move is measured
 * @param between pause between two hops
 */
public record DemoOptions(int hops, String load, int memoryMiB, Duration idle, Duration between) {}
