package dev.architekt.cli;

import dev.architekt.node.CommandName;
import dev.architekt.node.Output;
import dev.architekt.node.blueprint.Blueprint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt blueprint}. */
@Command(
    name = "blueprint",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Builds what a package is made from: kernel, initial RAM disk and disk, out of Debian packages",
      "or of a disk image that brings its own kernel.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt blueprint --package redis-server",
      "  architekt blueprint --package nginx --overlay my-files --disk-size 2G --output out/web",
      "  architekt blueprint --package postgresql --run make-users.sh --memory 512 --output out/db",
      "  architekt blueprint --package mosquitto --release trixie --mirror http://mirror.example.org/debian",
      "  architekt blueprint --overlay my-program     (a service that is no Debian package)",
      "  architekt blueprint --from-image server.qcow2 --memory 1024 --output out/server"
    })
final class BlueprintCommand implements Callable<Integer> {
  @Option(
      names = "--package",
      paramLabel = "NAME",
      description =
          "A Debian package; its systemd services run in the guest. May be given several times.")
  List<String> packages = List.of();

  @Option(
      names = "--overlay",
      paramLabel = "DIR",
      description = "A folder that is copied over the guest's root. May be given several times.")
  List<Path> overlays = List.of();

  @Option(
      names = "--run",
      paramLabel = "SCRIPT",
      description = {
        "A script that runs as root inside the guest's root once the packages are installed. It begins",
        "with #! and ends what it starts. May be given several times."
      })
  List<Path> scripts = List.of();

  @Option(
      names = "--from-image",
      paramLabel = "FILE",
      description = {
        "A disk image, raw or qcow2, whose own kernel and initial RAM disk are taken out of its /boot;",
        "instead of packages. What it needs inside: docs/guests.md."
      })
  Optional<Path> image = Optional.empty();

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      description = "RAM that the packager takes unless it is told otherwise.")
  Optional<Integer> memoryMiB = Optional.empty();

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "vCPUs that the packager takes unless it is told otherwise.")
  Optional<Integer> cpus = Optional.empty();

  @Option(
      names = "--disk-size",
      paramLabel = "SIZE",
      defaultValue = "0",
      description = "Bytes, with K, M or G (default: what fits, and some free space).")
  String diskSize;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "out/blueprint",
      description = "The folder to fill (default: ${DEFAULT-VALUE}).")
  Path outputFolder;

  @Option(
      names = "--release",
      paramLabel = "NAME",
      defaultValue = Blueprint.RELEASE,
      description = "Debian's release (default: ${DEFAULT-VALUE}).")
  String release;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      description = "A Debian mirror (default: this host's own apt sources for the release).")
  Optional<String> mirror = Optional.empty();

  @Option(names = "--force", description = "Build even when the output is up to date.")
  boolean force;

  @Mixin OutputOptions output;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    checkInputs(check);
    if (memoryMiB.isPresent()) {
      check.between(
          "--memory",
          memoryMiB.get(),
          Blueprint.Options.MEMORY_MIN_MIB,
          Blueprint.Options.MEMORY_MAX_MIB);
    }
    if (cpus.isPresent()) {
      check.between("--cpus", cpus.get(), 1, Blueprint.Options.CPUS_MAX);
    }
    long diskBytes = check.bytes("--disk-size", diskSize);
    if (image.isEmpty()) {
      check.root("installing Debian packages into a disk");
    }
    check.writable("--output", outputFolder.resolve("architekt.arkdisk"));
    Output out = output.open();
    Blueprint.Progress progress = line -> out.event("step", line);
    Blueprint blueprint =
        image.isPresent()
            ? Blueprint.build(
                new Blueprint.ImageOptions(
                    image.get(), memoryMiB.orElse(0), cpus.orElse(0), outputFolder, force),
                progress)
            : Blueprint.build(
                new Blueprint.Options(
                    packages,
                    overlays,
                    scripts,
                    diskBytes,
                    memoryMiB.orElse(0),
                    cpus.orElse(0),
                    outputFolder,
                    release,
                    mirror.orElse(null),
                    force),
                progress);
    out.event(
        "built",
        outputFolder + ": ready; package it with: " + packagerCommand(),
        "directory",
        blueprint.directory().toString());
    return 0;
  }

  private void checkInputs(Checks check) throws IOException {
    if (image.isPresent()) {
      check.none(
          "--from-image takes the disk as it is, without --package, --overlay, --run or --disk-size",
          packages,
          overlays,
          scripts,
          diskSize.equals("0") ? List.of() : List.of(diskSize));
      check.readable("--from-image", image.get(), "name a disk image, raw or qcow2");
      return;
    }
    check.any(
        "--package NAME, --overlay DIR, --run SCRIPT or --from-image FILE: what the guest shall run",
        packages,
        overlays,
        scripts);
    for (String name : packages) {
      check.matches(
          "--package",
          name,
          "[a-z0-9][a-z0-9+.-]+",
          "the name of a Debian package, which has small letters, digits and + - . only");
    }
    check.matches("--release", release, "[a-z][a-z0-9-]*", "a Debian release's name: bookworm");
    if (mirror.isPresent()) {
      check.matches(
          "--mirror",
          mirror.get(),
          "(https?|file)://?[!-~]+",
          "an address, such as http://mirror.example.org/debian");
    }
    for (Path overlay : overlays) {
      check.folder("--overlay", overlay);
    }
    for (Path script : scripts) {
      check.readable("--run", script, "name a script that runs inside the guest's root");
    }
  }

  /** With the paths that the packager's defaults do not name. */
  private String packagerCommand() {
    String command = CommandName.typed() + " packager";
    if (outputFolder.normalize().equals(Path.of("out", "blueprint"))) {
      return command;
    }
    return command
        + (" --kernel-input-path " + outputFolder + "/architekt.arkkernel")
        + (" --initramfs-input-path " + outputFolder + "/architekt.arkinitramfs")
        + (" --disk-input-path " + outputFolder + "/architekt.arkdisk")
        + (" --package-output-path out/" + outputFolder.getFileName() + ".ark");
  }
}
