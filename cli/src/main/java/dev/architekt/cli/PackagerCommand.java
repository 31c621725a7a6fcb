package dev.architekt.cli;

import dev.architekt.node.CommandName;
import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.node.blueprint.BlueprintManifest;
import dev.architekt.node.packager.Packager;
import dev.architekt.node.packager.PackagerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "",
      "Quicker starts over a slow line: what the guest touches first goes first. The more of a first",
      "request the command makes, the better:",
      "  architekt packager --record --liveness-command 'redis-cli -h $ARCHITEKT_ADDRESS ping'",
      "",
      "  tar tzf out/redis.ark"
    })
final class PackagerCommand implements Callable<Integer> {
  private static final int CPUS_MAX = 64;
  private static final int MEMORY_MIN = 64;
  private static final int MEMORY_MAX = 1 << 20;
  private static final int CPUS_DEFAULT = 1;
  private static final int MEMORY_DEFAULT = 1024;
  private static final int SECONDS_MAX = 86_400;
  private static final int DISKS_MAX = 8;

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
      names = "--disk",
      paramLabel = "NAME=FILE",
      description =
          "One more raw disk, copied too; may be repeated. The guest finds it as"
              + " /dev/disk/by-id/virtio-disk-NAME.")
  Map<String, Path> disks = new LinkedHashMap<>();

  @Option(
      names = "--package-output-path",
      paramLabel = "FILE",
      defaultValue = "out/redis.ark",
      description = "The package to write (default: ${DEFAULT-VALUE}).")
  Path output;

  @Option(
      names = "--cpu-count",
      paramLabel = "N",
      description = "vCPUs (default: what the blueprint says, or 1).")
  Optional<Integer> cpuCount = Optional.empty();

  @Option(
      names = "--memory-size",
      paramLabel = "MIB",
      description = "RAM in MiB (default: what the blueprint says, or 1024).")
  Optional<Long> memorySize = Optional.empty();

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
      names = "--liveness-command",
      paramLabel = "COMMAND",
      description =
          "A command of this host's shell that must succeed as well, with the guest's address in"
              + " $ARCHITEKT_ADDRESS; tried until it does.")
  Optional<String> livenessCommand = Optional.empty();

  @Option(
      names = "--resume-timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the guest's agent and its hooks may take (default: ${DEFAULT-VALUE}).")
  long resumeTimeoutSeconds;

  @Option(
      names = "--no-resume-check",
      description = "Do not resume the guest once from the package before it is put in its place.")
  boolean noResumeCheck;

  @Option(
      names = "--record",
      description =
          "Resume the guest, and keep in the package what it touches until it serves: a peer reads"
              + " that first.")
  boolean record;

  @Option(names = "--enable-output", description = "Show the guest's console while it boots.")
  boolean console;

  @Option(names = "--agent-vsock-port", hidden = true, paramLabel = "PORT")
  Optional<String> agentPort = Optional.empty();

  @Option(names = "--liveness-vsock-port", hidden = true, paramLabel = "PORT")
  Optional<String> livenessPort = Optional.empty();

  @Mixin NetworkOptions network;
  @Mixin MachineOptions machine;
  @Mixin OutputOptions out;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    check.between("--cpu-count", cpuCount.orElse(CPUS_DEFAULT), 1, CPUS_MAX);
    check.between(
        "--memory-size", memorySize.orElse((long) MEMORY_DEFAULT), MEMORY_MIN, MEMORY_MAX);
    check.between("--liveness-timeout", livenessSeconds, 1, SECONDS_MAX);
    check.between("--resume-timeout", resumeTimeoutSeconds, 1, SECONDS_MAX);
    checkDisks();
    noPort("--agent-vsock-port", agentPort, "its agent");
    noPort("--liveness-vsock-port", livenessPort, "its word that it is live");
    network.check(check);
    machine.check(check);
    check.host("network namespaces, mounts and VMs");
    String remedy = "build it with: " + CommandName.typed() + " blueprint --package redis-server";
    check.readable("--kernel-input-path", kernel, remedy);
    check.readable("--initramfs-input-path", initramfs, remedy);
    check.readable("--disk-input-path", disk, remedy);
    for (Path image : disks.values()) {
      check.readable("--disk", image, "make one with: truncate -s 1G FILE && mke2fs FILE");
    }
    check.writable("--package-output-path", output);
    machine.require();
    Optional<BlueprintManifest> blueprint = blueprint();
    int cpus = cpuCount.orElse(said(blueprint, BlueprintManifest::cpus, CPUS_DEFAULT));
    long memoryMiB =
        memorySize.orElse((long) said(blueprint, BlueprintManifest::memoryMiB, MEMORY_DEFAULT));
    PackagerOptions options =
        new PackagerOptions(
            kernel,
            initramfs,
            disk,
            disks,
            output,
            cpus,
            memoryMiB << 20,
            bootArgs,
            Duration.ofSeconds(livenessSeconds),
            livenessCommand,
            Duration.ofSeconds(resumeTimeoutSeconds),
            console,
            !noResumeCheck,
            record,
            network.namespacePrefix,
            network.hostVethCidr,
            network.namespaceVethCidr,
            machine.binary(),
            machine.accelerator);
    new Packager(options, out.open()).run();
    return 0;
  }

  private void checkDisks() {
    if (disks.size() > DISKS_MAX) {
      throw new ParameterException(
          spec.commandLine(),
          "--disk: " + disks.size() + " more disks, expected at most " + DISKS_MAX);
    }
    for (String name : disks.keySet()) {
      if (!name.matches("[a-z0-9][a-z0-9-]{0,13}")) {
        throw new ParameterException(
            spec.commandLine(),
            "--disk "
                + name
                + "=…: expected a name of at most 14 letters a-z, digits and dashes, as in"
                + " --disk data=data.img");
      }
    }
  }

  /** The talk's system asked for these. */
  private void noPort(String option, Optional<String> port, String what) {
    if (port.isPresent()) {
      throw new ParameterException(
          spec.commandLine(),
          option
              + ": the guest gives "
              + what
              + " over virtio-serial, which has no ports: leave the option out");
    }
  }

  /** Of the folder that the disk lies in, if a blueprint was built there. */
  private Optional<BlueprintManifest> blueprint() throws IOException {
    Path manifest = disk.toAbsolutePath().resolveSibling(Blueprint.MANIFEST);
    return Files.isRegularFile(manifest)
        ? Optional.of(BlueprintManifest.read(manifest))
        : Optional.empty();
  }

  private static int said(
      Optional<BlueprintManifest> blueprint, ToIntFunction<BlueprintManifest> what, int otherwise) {
    return blueprint.map(what::applyAsInt).filter(value -> value > 0).orElse(otherwise);
  }
}
