package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** One build, step by step; used once. */
final class BlueprintBuilder {
  /**
   * {@code tsc=reliable no_timer_check}: timers that are calibrated against each other do not agree
   * under emulation. {@code net.ifnames=0}: the one card is eth0 whatever slot it is in. {@code
   * cryptomgr.notests}: half a second of self-tests under emulation. {@code init_on_alloc=0}:
   * Debian's default clears each page once more than the program that gets it does, for nothing in
   * a machine that holds one service.
   */
  static final String COMMAND_LINE =
      "console=ttyS0 tsc=reliable no_timer_check net.ifnames=0 cryptomgr.notests init_on_alloc=0"
          + " quiet loglevel=4 panic=-1";

  /**
   * Nothing in a guest is dated later than this, so that the time of a build does not show in its
   * bytes.
   */
  private static final long EPOCH_SECONDS = 1_767_225_600; // 2026-01-01

  private final Blueprint.Options options;
  private final Blueprint.Progress progress;

  BlueprintBuilder(Blueprint.Options options, Blueprint.Progress progress) {
    this.options = options;
    this.progress = progress;
  }

  Blueprint build() throws IOException, InterruptedException {
    checkSurroundings();
    String sources = sources();
    String inputs = InputsDigest.of(options, sources);
    Blueprint present = options.force() ? null : BlueprintFolder.present(options.output(), inputs);
    if (present != null) {
      progress.line("up to date: " + options.output() + " (--force builds again)");
      return present;
    }
    Path output = options.output().toAbsolutePath().normalize();
    try (Scratch scratch = new Scratch(output.getParent())) {
      Path root = scratch.folder().resolve("root");
      Path kernel = Files.createDirectory(scratch.folder().resolve("kernel"));
      progress.line(
          "installing "
              + (options.packages().isEmpty()
                  ? "no package"
                  : String.join(", ", options.packages()))
              + " and the base with mmdebstrap");
      new Debian(scratch, sources, options).install(root, kernel, EPOCH_SECONDS);
      Path built = Files.createDirectory(scratch.folder().resolve("built"));
      BlueprintManifest manifest =
          assemble(scratch.tool(), root.toRealPath(), kernel, built, inputs);
      manifest.write(built.resolve(Blueprint.MANIFEST));
      BlueprintFolder.moveTo(output, built);
      progress.line("done: " + output);
      return new Blueprint(output, manifest);
    }
  }

  private void checkSurroundings() throws IOException {
    if (!"root".equals(System.getProperty("user.name"))
        && !Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      throw new BlueprintException(
          "a blueprint is built as root (packages are installed into a folder with their owners); run it with sudo");
    }
    if (!System.getProperty("os.arch").equals("amd64")) {
      throw new BlueprintException(
          "guests are built for amd64, and this host is " + System.getProperty("os.arch"));
    }
    Tool.find("mmdebstrap", "mmdebstrap");
    Tool.find("mke2fs", "e2fsprogs");
    for (Path script : options.scripts()) {
      RunScript.check(script);
    }
    for (Path overlay : options.overlay()) {
      if (!Files.isDirectory(overlay)) {
        throw new BlueprintException(
            "the overlay " + overlay + " is not a folder; it is copied over the guest's root");
      }
    }
  }

  private String sources() throws IOException {
    if (options.mirror() == null) {
      return new AptSources(Path.of("/etc/apt"), options.release()).text();
    }
    return "Types: deb\nURIs: "
        + options.mirror()
        + "\nSuites: "
        + options.release()
        + "\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
  }

  private BlueprintManifest assemble(Tool tool, Path root, Path kernel, Path built, String inputs)
      throws IOException, InterruptedException {
    GuestRoot.Made made = new GuestRoot(options, progress, tool, root).make();
    Path image = onlyFile(kernel.resolve("boot"), "vmlinuz-");
    String kernelRelease = image.getFileName().toString().substring("vmlinuz-".length());
    Files.copy(image, built.resolve(Blueprint.KERNEL));
    Initramfs.write(
        built.resolve(Blueprint.INITRAMFS),
        root.resolve("usr/bin/busybox"),
        new KernelModules(tool, modules(kernel, kernelRelease)).inOrder());

    makeDisk(tool, root, built.resolve(Blueprint.DISK), inputs);
    return new BlueprintManifest(
        inputs,
        options.release(),
        kernelRelease,
        COMMAND_LINE,
        TreeDigest.of(root),
        options.memoryMiB(),
        options.cpus(),
        made.packages(),
        made.services(),
        made.ports(),
        made.hooks(),
        BlueprintFolder.files(tool, built));
  }

  private void makeDisk(Tool tool, Path root, Path disk, String inputs)
      throws IOException, InterruptedException {
    DiskImage.clampTimes(root, EPOCH_SECONDS);
    long content = DiskImage.contentSize(root);
    long size = options.diskSize() == 0 ? DiskImage.fittingSize(content) : options.diskSize();
    progress.line(
        "making a disk of " + (size >> 20) + " MiB with " + (content >> 20) + " MiB in it");
    UUID id = UUID.nameUUIDFromBytes(inputs.getBytes(StandardCharsets.US_ASCII));
    DiskImage.make(tool, root, disk, size, id, EPOCH_SECONDS);
  }

  /** Packages of releases after bookworm name the folder that /lib has become a link to. */
  private static Path modules(Path kernel, String release) throws IOException {
    for (String folder : List.of("lib/modules", "usr/lib/modules")) {
      Path modules = kernel.resolve(folder).resolve(release);
      if (Files.isDirectory(modules)) {
        return modules;
      }
    }
    throw new BlueprintException("the kernel's package holds no modules for " + release);
  }

  private static Path onlyFile(Path folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow(
              () -> new BlueprintException("the kernel's package holds no " + prefix + "* file"));
    }
  }
}
