package dev.architekt.cli;

import dev.architekt.node.CommandName;
import dev.architekt.node.Output;
import dev.architekt.node.blueprint.Blueprint;
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
      "Builds what a package is made from: kernel, initial RAM disk and disk, out of Debian packages.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt blueprint --package redis-server",
      "  architekt blueprint --package nginx --overlay my-files --disk-size 2G --output out/web",
      "  architekt blueprint --overlay my-program     (a service that is no Debian package)"
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
      names = "--mirror",
      paramLabel = "URL",
      description = "A Debian mirror (default: this host's own apt sources).")
  Optional<String> mirror = Optional.empty();

  @Option(names = "--force", description = "Build even when the output is up to date.")
  boolean force;

  @Mixin OutputOptions output;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    check.any("--package NAME or --overlay DIR: what the guest shall run", packages, overlays);
    for (String name : packages) {
      check.matches(
          "--package",
          name,
          "[a-z0-9][a-z0-9+.-]*",
          "the name of a Debian package, which has small letters, digits and + - . only");
    }
    long diskBytes = check.bytes("--disk-size", diskSize);
    for (Path overlay : overlays) {
      check.folder("--overlay", overlay);
    }
    check.root("installing Debian packages into a disk");
    check.writable("--output", outputFolder.resolve("architekt.arkdisk"));
    Output out = output.open();
    Blueprint blueprint =
        Blueprint.build(
            new Blueprint.Options(
                packages, overlays, diskBytes, outputFolder, mirror.orElse(null), force),
            line -> out.event("step", line));
    out.event(
        "built",
        outputFolder + ": ready; package it with: " + packagerCommand(),
        "directory",
        blueprint.directory().toString());
    return 0;
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
