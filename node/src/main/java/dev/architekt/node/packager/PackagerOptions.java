package dev.architekt.node.packager;

import java.nio.file.Path;
import java.time.Duration;

/** What {@code architekt packager} was told; see its {@code --help} for each. */
public record PackagerOptions(
    Path kernel,
    Path initramfs,
    Path disk,
    Path output,
    int cpus,
    long memoryBytes,
    String bootArgs,
    Duration livenessTimeout,
    Duration resumeTimeout,
    String namespacePrefix,
    String hostVeths,
    String namespaceVeths,
    Path qemu,
    String accelerator) {}
