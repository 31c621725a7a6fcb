package dev.architekt.cli;

import dev.architekt.node.Output;
import dev.architekt.node.blueprint.Blueprint;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
      "  architekt blueprint --package nginx --overlay my-files --disk-size 2G --output out/web"
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

  @Override
  public Integer call() throws Exception {
    Output out = output.open();
    Blueprint blueprint =
        Blueprint.build(
            new Blueprint.Options(
                packages, overlays, size(diskSize), outputFolder, mirror.orElse(null), force),
            line -> out.event("step", line));
    out.event(
        "built",
        blueprint.directory() + ": ready; package it with: architekt packager",
        "directory",
        blueprint.directory().toString());
    return 0;
  }

  private static long size(String text) {
    String digits = text.replaceFirst("[KMG]$", "");
    try {
      long number = Long.parseLong(digits);
      return switch (text.charAt(text.length() - 1)) {
        case 'K' -> Math.multiplyExact(number, 1L << 10);
        case 'M' -> Math.multiplyExact(number, 1L << 20);
        case 'G' -> Math.multiplyExact(number, 1L << 30);
        default -> number;
      };
    } catch (ArithmeticException | NumberFormatException | StringIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "--disk-size " + text + ": expected a number of bytes, or one with K, M or G", e);
    }
  }
}
