package dev.architekt.cli;

import dev.architekt.node.CommandName;
import dev.architekt.node.packager.Packager;
import dev.architekt.node.packager.PackagerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt packager}. */
@Command(
    name = "packager",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Boots a blueprint, waits until its service answers, suspends it, and writes one package.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  architekt blueprint --package redis-server",
      "  architekt packager --memory-size 256 --package-output-path out/redis.ark",
      "  tar tzf out/redis.ark"
    })
final class PackagerCommand implements Callable<Integer> {
  private static final int CPUS_MAX = 64;
  private static final int MEMORY_MIN = 64;
  private static final int MEMORY_MAX = 1 << 20;
  private static final int SECONDS_MAX = 86_400;

  @Option(
      names = "--kernel-input-path",
      paramLabel = "FILE",
      defaultValue = "out/blueprint/architekt.arkkernel",
      description = "Kernel (default: ${DEFAULT-VALUE}).")
  Path kernel;

  @Option(
      names = "--initramfs-input-path",
      paramLabel = "FILE",
      defaultValue = "out/blueprint/architekt.arkinitramfs",
      description = "Initial RAM disk (default: ${DEFAULT-VALUE}).")
  Path initramfs;

  @Option(
      names = "--disk-input-path",
      paramLabel = "FILE",
      defaultValue = "out/blueprint/architekt.arkdisk",
      description = "Root disk, raw; it is copied, not changed (default: ${DEFAULT-VALUE}).")
  Path disk;

  @Option(
      names = "--package-output-path",
      paramLabel = "FILE",
      defaultValue = "out/redis.ark",
      description = "The package to write (default: ${DEFAULT-VALUE}).")
  Path output;

  @Option(
      names = "--cpu-count",
      paramLabel = "N",
      defaultValue = "1",
      description = "vCPUs (default: ${DEFAULT-VALUE}).")
  int cpus;

  @Option(
      names = "--memory-size",
      paramLabel = "MIB",
      defaultValue = "1024",
      description = "RAM in MiB (default: ${DEFAULT-VALUE}).")
  long memoryMiB;

  @Option(
      names = "--boot-args",
      paramLabel = "WORDS",
      defaultValue = "",
      description = "More words for the kernel's command line.")
  String bootArgs;

  @Option(
      names = "--liveness-timeout",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description =
          "How long the service may take to answer; after that the end of the guest's console is shown"
              + " (default: ${DEFAULT-VALUE}).")
  long livenessSeconds;

  @Option(
      names = "--resume-timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the guest's agent and its hooks may take (default: ${DEFAULT-VALUE}).")
  long resumeTimeoutSeconds;

  @Mixin NetworkOptions network;
  @Mixin MachineOptions machine;
  @Mixin OutputOptions out;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    check.between("--cpu-count", cpus, 1, CPUS_MAX);
    check.between("--memory-size", memoryMiB, MEMORY_MIN, MEMORY_MAX);
    check.between("--liveness-timeout", livenessSeconds, 1, SECONDS_MAX);
    check.between("--resume-timeout", resumeTimeoutSeconds, 1, SECONDS_MAX);
    network.check(check);
    machine.check(check);
    check.host("network namespaces, mounts and VMs");
    String remedy = "build it with: " + CommandName.typed() + " blueprint --package redis-server";
    check.readable("--kernel-input-path", kernel, remedy);
    check.readable("--initramfs-input-path", initramfs, remedy);
    check.readable("--disk-input-path", disk, remedy);
    check.writable("--package-output-path", output);
    machine.require();
    PackagerOptions options =
        new PackagerOptions(
            kernel,
            initramfs,
            disk,
            output,
            cpus,
            memoryMiB << 20,
            bootArgs,
            Duration.ofSeconds(livenessSeconds),
            Duration.ofSeconds(resumeTimeoutSeconds),
            network.namespacePrefix,
            network.hostVethCidr,
            network.namespaceVethCidr,
            machine.binary(),
            machine.accelerator);
    new Packager(options, out.open()).run();
    return 0;
  }
}
