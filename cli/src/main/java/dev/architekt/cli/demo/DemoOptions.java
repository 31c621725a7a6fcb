package dev.architekt.cli.demo;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a demo does.
 *
 * @param hops 1 or more
 * @param load {@code L1} or {@code L2}
 * @param memoryMiB the VM's RAM
 * @param packages where the VM's package lies, or is built; relative to where the person is
 * @param idle how long the gap without a move is measured
 * @param around how long clients run on before and after each hop
 */
public record DemoOptions(
    int hops, String load, int memoryMiB, Path packages, Duration idle, Duration around) {}
