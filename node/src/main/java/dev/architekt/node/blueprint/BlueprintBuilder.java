package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private static final int MEMORY_MIB = 256;
  private static final Duration SHORT = Duration.ofMinutes(1);

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
    Blueprint present = present(inputs);
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
      new Debian(scratch, sources).install(options.packages(), root, kernel, EPOCH_SECONDS);
      Path built = Files.createDirectory(scratch.folder().resolve("built"));
      BlueprintManifest manifest =
          assemble(scratch.tool(), root.toRealPath(), kernel, built, inputs);
      manifest.write(built.resolve(Blueprint.MANIFEST));
      moveTo(output, built);
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
    for (Path overlay : options.overlay()) {
      if (!Files.isDirectory(overlay)) {
        throw new BlueprintException(
            "the overlay " + overlay + " is not a folder; it is copied over the guest's root");
      }
    }
  }

  private String sources() throws IOException {
    if (options.mirror() == null) {
      return new AptSources(Path.of("/etc/apt"), Blueprint.RELEASE).text();
    }
    return "Types: deb\nURIs: "
        + options.mirror()
        + "\nSuites: "
        + Blueprint.RELEASE
        + "\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
  }

  /** What is in the output folder, if these inputs made it and it is whole. */
  private Blueprint present(String inputs) {
    if (options.force()) {
      return null;
    }
    try {
      Blueprint found = Blueprint.open(options.output());
      return found.manifest().inputs().equals(inputs) ? found : null;
    } catch (IOException e) {
      return null; // Nothing there, or nothing usable: that is what a build is for.
    }
  }

  private BlueprintManifest assemble(Tool tool, Path root, Path kernel, Path built, String inputs)
      throws IOException, InterruptedException {
    var database = new PackageDatabase(root);
    Set<String> asked = new HashSet<>(options.packages());
    asked.addAll(Debian.BASE);
    Set<String> installOnly = new HashSet<>(RootSlimmer.INSTALL_ONLY);
    installOnly.removeAll(asked);
    Set<String> kept = database.closure(wanted(asked), installOnly);

    var services = new GuestServices(root);
    List<String> translated = services.translate(kept, database);
    progress.line(
        "services: "
            + (translated.isEmpty() ? "none in the packages" : String.join(", ", translated)));
    Set<String> interpreters = Interpreters.needed(root, translated, options.overlay());
    kept.addAll(database.closure(interpreters, Set.of()));

    var slimmer = new RootSlimmer(root);
    slimmer.dropPackagesExcept(kept, database);
    slimmer.dropDocumentationAndCaches();
    Busybox.install(tool, root);
    GuestFiles.install(root);
    prepareFolders(root);
    for (Path overlay : options.overlay()) {
      tool.check(
          "copy the overlay " + overlay,
          List.of(
              "/bin/cp",
              "-a",
              "--no-target-directory",
              overlay.toAbsolutePath() + "/.",
              root.toString()),
          Map.of(),
          SHORT);
    }
    services.supervise();
    if (services.scripts().isEmpty()) {
      progress.line("warning: the guest has no service; it is live as soon as it has booted");
    }

    Path image = onlyFile(kernel.resolve("boot"), "vmlinuz-");
    String kernelRelease = image.getFileName().toString().substring("vmlinuz-".length());
    Files.copy(image, built.resolve(Blueprint.KERNEL));
    Initramfs.write(
        built.resolve(Blueprint.INITRAMFS),
        root.resolve("usr/bin/busybox"),
        new KernelModules(kernel.resolve("lib/modules").resolve(kernelRelease)).inOrder());

    makeDisk(tool, root, built.resolve(Blueprint.DISK), inputs);
    return new BlueprintManifest(
        inputs,
        Blueprint.RELEASE,
        kernelRelease,
        COMMAND_LINE,
        MEMORY_MIB,
        database.versions(kept),
        services.scripts(),
        services.ports(),
        services.hooks(),
        files(tool, built));
  }

  private static List<String> wanted(Set<String> asked) {
    var wanted = new ArrayList<>(asked);
    wanted.addAll(List.of("base-files", "libc6"));
    return wanted;
  }

  private static void prepareFolders(Path root) throws IOException {
    for (String folder : List.of("before-suspend.d", "after-resume.d", "liveness.d", "services")) {
      Files.createDirectories(root.resolve("etc/architekt").resolve(folder));
    }
    write(root, "etc/hostname", "architekt\n");
    write(root, "etc/hosts", "127.0.0.1 localhost\n172.100.100.2 architekt\n");
    write(root, "etc/resolv.conf", "");
    // Empty: each instance gets its own at its first boot.
    write(root, "etc/machine-id", "");
  }

  private static void write(Path root, String path, String text) throws IOException {
    GuestFiles.write(root.resolve(path), text.getBytes(StandardCharsets.UTF_8), 0644);
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

  private static List<BlueprintManifest.File> files(Tool tool, Path built)
      throws IOException, InterruptedException {
    List<BlueprintManifest.File> files = new ArrayList<>();
    for (String name : List.of(Blueprint.KERNEL, Blueprint.INITRAMFS, Blueprint.DISK)) {
      Path file = built.resolve(name);
      String blocks =
          tool.check(
              "measure " + name,
              List.of("/usr/bin/stat", "-c", "%b", file.toString()),
              Map.of(),
              SHORT);
      files.add(
          new BlueprintManifest.File(
              name,
              Files.size(file),
              Long.parseLong(blocks.strip()) * 512,
              InputsDigest.sha256Of(file)));
    }
    return files;
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

  /** The manifest goes last and comes away first: without it the folder counts as no blueprint. */
  private static void moveTo(Path output, Path built) throws IOException {
    Files.createDirectories(output);
    Files.deleteIfExists(output.resolve(Blueprint.MANIFEST));
    for (String name :
        List.of(Blueprint.KERNEL, Blueprint.INITRAMFS, Blueprint.DISK, Blueprint.MANIFEST)) {
      Path target = output.resolve(name);
      if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new BlueprintException(target + " is a folder, expected a file or nothing");
      }
      Files.move(built.resolve(name), target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
