package dev.architekt.node.packager;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code architekt packager} was told; see its {@code --help} for each.
 *
 * @param moreDisks raw images behind the root disk, by name, in the guest's order
 * @param livenessCommand of this host's shell, for which the guest must serve
 * @param console whether the guest's console is shown
 * @param resumeCheck whether the guest is resumed once from what was written
 * @param record whether what the guest touches first after a resume goes into the package
 */
public record PackagerOptions(
    Path kernel,
    Path initramfs,
    Path disk,
    Map<String, Path> moreDisks,
    Path output,
    int cpus,
    long memoryBytes,
    String bootArgs,
    Duration livenessTimeout,
    Optional<String> livenessCommand,
    Duration resumeTimeout,
    boolean console,
    boolean resumeCheck,
    boolean record,
    String namespacePrefix,
    String hostVeths,
    String namespaceVeths,
    Path qemu,
    String accelerator) {}
