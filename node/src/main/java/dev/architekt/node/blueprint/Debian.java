package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Fetches and installs packages into a folder, and the kernel beside it. */
final class Debian {
  private static final String KERNEL_PACKAGE = "linux-image-cloud-amd64";
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration UNPACK_LIMIT = Duration.ofMinutes(1);

  /** In every guest: the agent, and the program that is its init, shell and everything else. */
  static final List<String> BASE = List.of("busybox-static", "qemu-guest-agent");

  private final Scratch scratch;
  private final String sources;
  private final Blueprint.Options options;

  Debian(Scratch scratch, String sources, Blueprint.Options options) {
    this.scratch = scratch;
    this.sources = sources;
    this.options = options;
  }

  /**
   * Installs the packages into {@code root}, runs the scripts in it, and unpacks the kernel's
   * package into {@code kernel}.
   */
  void install(Path root, Path kernel, long sourceDateEpoch)
      throws IOException, InterruptedException {
    Path sourcesFile = Files.writeString(scratch.folder().resolve("blueprint.sources"), sources);
    Path debs = Files.createDirectory(scratch.folder().resolve("debs"));
    var include = new TreeSet<>(options.packages());
    include.addAll(BASE);
    // The kernel is taken out of its package rather than installed: its scripts would build an
    // initramfs of their own.
    String fetchKernel =
        "set -e; cd '"
            + debs
            + "'; export APT_CONFIG=\"$MMDEBSTRAP_APT_CONFIG\";"
            + " image=$(apt-cache depends "
            + KERNEL_PACKAGE
            + " | sed -n 's/^  Depends: \\(linux-image-[^ ]*\\)$/\\1/p' | head -n 1);"
            + " test -n \"$image\"; apt-get -q -o APT::Sandbox::User=root download \"$image\"";
    List<String> command = new ArrayList<>();
    command.add(Tool.find("mmdebstrap", "mmdebstrap"));
    command.addAll(
        List.of(
            "--mode=root",
            "--variant=essential",
            "--architectures=amd64",
            "--include=" + String.join(",", include),
            "--aptopt=APT::Install-Recommends \"false\"",
            "--aptopt=Acquire::Retries \"3\"",
            "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/locale/*",
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            // A service must not start inside the root while it is being made.
            "--customize-hook=" + fetchKernel));
    List<RunScript> scripts = new ArrayList<>();
    for (Path script : options.scripts()) {
      RunScript prepared = RunScript.prepare(script, scratch.folder(), scripts.size());
      scripts.add(prepared);
      command.add("--customize-hook=" + prepared.hook());
    }
    for (String option : hostOptions()) {
      command.add("--aptopt=" + option);
    }
    command.addAll(List.of("--format=directory", options.release(), root.toString()));
    command.add(sourcesFile.toString());
    Tool.Output output =
        scratch
            .tool()
            .run(
                command,
                Map.of(
                    "SOURCE_DATE_EPOCH",
                    Long.toString(sourceDateEpoch),
                    "TMPDIR",
                    scratch.folder().toString(),
                    "DEBIAN_FRONTEND",
                    "noninteractive"),
                LIMIT);
    for (RunScript script : scripts) {
      script.requireSuccess();
    }
    if (output.status() != 0) {
      throw new BlueprintException(explain(output, options));
    }
    unpackKernel(debs, kernel);
  }

  private void unpackKernel(Path debs, Path kernel) throws IOException, InterruptedException {
    Path deb;
    try (Stream<Path> files = Files.list(debs)) {
      deb = files.filter(f -> f.toString().endsWith(".deb")).findFirst().orElse(null);
    }
    if (deb == null) {
      throw new BlueprintException(
          "the package " + KERNEL_PACKAGE + " could not be fetched, although all others were");
    }
    scratch
        .tool()
        .check(
            "unpack the kernel's package",
            List.of(Tool.find("dpkg-deb", "dpkg"), "-x", deb.toString(), kernel.toString()),
            Map.of(),
            UNPACK_LIMIT);
  }

  /**
   * How this host reaches its mirrors (proxies, certificates) holds for the guest's packages too.
   */
  private List<String> hostOptions() throws IOException, InterruptedException {
    String dump =
        scratch
            .tool()
            .check(
                "read this host's apt configuration",
                List.of(Tool.find("apt-config", "apt"), "dump"),
                Map.of(),
                UNPACK_LIMIT);
    return dump.lines()
        .filter(line -> line.matches("(?i)Acquire::https?::.* \".+\";"))
        .map(line -> line.substring(0, line.length() - 1))
        .toList();
  }

  private static String explain(Tool.Output output, Blueprint.Options options) {
    List<String> packages = options.packages();
    String errors = output.errorsTail();
    String advice;
    if (errors.contains("Unable to locate package")
        || errors.contains("has no installation candidate")) {
      advice =
          "a package is unknown to Debian "
              + options.release()
              + "; look for the name with: apt-cache search "
              + (packages.isEmpty() ? "" : packages.getFirst());
    } else if (errors.contains("Temporary failure resolving")
        || errors.contains("Could not connect")
        || errors.contains("Connection failed")
        || errors.contains("Failed to fetch")
        || errors.contains("Could not resolve")) {
      advice =
          "the package mirror could not be reached; check the network and this host's apt sources, or name"
              + " another one with --mirror";
    } else if (errors.contains("No space left")) {
      advice = "the disk is full: about 400 MB are needed beside the output folder";
    } else if (errors.contains("Operation not permitted") || errors.contains("must be root")) {
      advice =
          "this needs root with the right to mount inside a folder; run it as root outside a confined container";
    } else {
      advice = "the lines above say what it met";
    }
    return "could not install "
        + (packages.isEmpty() ? "the base" : String.join(", ", packages))
        + " into the guest: mmdebstrap ended with status "
        + output.status()
        + ":\n"
        + errors
        + "\nWhat to do: "
        + advice;
  }
}
