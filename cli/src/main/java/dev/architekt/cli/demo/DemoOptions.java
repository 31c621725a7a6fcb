package dev.architekt.cli.demo;

import dev.architekt.cli.lab.Line;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a demo does.
 *
 * @param hops 1 or more
 * @param load {@code L1} or {@code L2}
 * @param memoryMiB the VM's RAM
 * @param packages where the VM's package lies, or is built; relative to where the person is
 * @param line between the two hosts, the client beside node-1; without one, a switch
 * @param recorded whether what a page of it needs is collected
 * @param idle how long the gap without a move is measured
 * @param around how long clients run on before and after each hop
 */
public record DemoOptions(
    int hops,
    String load,
    int memoryMiB,
    Path packages,
    Optional<Line> line,
    boolean recorded,
    Duration idle,
    Duration around) {}
