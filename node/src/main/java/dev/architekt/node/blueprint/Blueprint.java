package dev.architekt.node.blueprint;

import dev.architekt.node.CommandName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The inputs of a package before its first boot, as files in one folder.
 *
 * @param directory holds the three files and {@code blueprint.json}
 * @param manifest what {@code blueprint.json} says
 */
public record Blueprint(Path directory, BlueprintManifest manifest) {
  public static final String KERNEL = "architekt.arkkernel";
  public static final String INITRAMFS = "architekt.arkinitramfs";
  public static final String DISK = "architekt.arkdisk";
  public static final String MANIFEST = "blueprint.json";

  /** Debian's release that guests are made of unless another one is named. */
  public static final String RELEASE = "bookworm";

  public Path kernel() {
    return directory.resolve(KERNEL);
  }

  public Path initramfs() {
    return directory.resolve(INITRAMFS);
  }

  /** A raw ext4 file system; sparse. Copy it before a machine writes to it. */
  public Path disk() {
    return directory.resolve(DISK);
  }

  /**
   * Builds the blueprint, or finds that {@code options.output()} already holds one made from the
   * same inputs (Debian's own updates do not count as changed inputs; {@link Options#force} builds
   * anyway).
   *
   * <p>Must run as root, takes about half a minute and 400 MB of temporary space beside the output
   * folder. The output changes only when everything succeeded; an interrupt of the calling thread
   * or the end of the JVM stops the build and removes what is temporary.
   *
   * @throws BlueprintException when a tool is missing or fails; the message says what to do
   */
  public static Blueprint build(Options options, Progress progress)
      throws IOException, InterruptedException {
    return new BlueprintBuilder(options, progress).build();
  }

  /**
   * The same for a disk that brings its own system: the kernel and the initial RAM disk are taken
   * out of it, without a loop device or a mount.
   *
   * @throws BlueprintException when the disk holds none, or a tool is missing; the message says
   *     what was looked at
   */
  public static Blueprint build(ImageOptions options, Progress progress)
      throws IOException, InterruptedException {
    return new ImageBlueprint(options, progress).build();
  }

  /**
   * Opens a folder that {@link #build} made.
   *
   * @throws BlueprintException when a file is missing or has another size than the manifest says
   */
  public static Blueprint open(Path directory) throws IOException {
    Path json = directory.resolve(MANIFEST);
    if (!Files.isRegularFile(json)) {
      throw new BlueprintException(
          directory
              + " holds no blueprint ("
              + MANIFEST
              + " is missing); make one with: "
              + CommandName.typed()
              + " blueprint --output "
              + directory);
    }
    BlueprintManifest manifest = BlueprintManifest.read(json);
    for (BlueprintManifest.File file : manifest.files()) {
      Path path = directory.resolve(file.name());
      long found = Files.isRegularFile(path) ? Files.size(path) : -1;
      if (found != file.size()) {
        throw new BlueprintException(
            path
                + (found < 0 ? " is missing" : " has " + found + " bytes")
                + ", expected "
                + file.size()
                + " bytes; build the blueprint again with --force");
      }
    }
    return new Blueprint(directory, manifest);
  }

  /** Hears one line for each step; called from the building thread. */
  @FunctionalInterface
  public interface Progress {
    void line(String text);

    /** Tells nobody. */
    static Progress silent() {
      return text -> {};
    }
  }

  /**
   * What to build.
   *
   * @param packages names of Debian packages; each enabled systemd service in them becomes a
   *     service of the guest
   * @param overlay folders copied over the guest's root, in order
   * @param scripts run inside the guest's root once the packages are installed, in order
   * @param diskSize bytes of the disk, or 0 for what fits and some free space
   * @param memoryMiB for the manifest, or 0 to leave it to the packager
   * @param cpus for the manifest, or 0 to leave it to the packager
   * @param output the folder to fill
   * @param release Debian's name of it
   * @param mirror address of a Debian mirror, or null for the host's own apt sources
   * @param force builds even if the output is up to date
   */
  public record Options(
      List<String> packages,
      List<Path> overlay,
      List<Path> scripts,
      long diskSize,
      int memoryMiB,
      int cpus,
      Path output,
      String release,
      String mirror,
      boolean force) {
    private static final long DISK_SIZE_MIN = 16L << 20;
    private static final long DISK_SIZE_MAX = 1L << 40;
    public static final int MEMORY_MIN_MIB = 64;
    public static final int MEMORY_MAX_MIB = 1 << 20;
    public static final int CPUS_MAX = 64;

    public Options {
      packages = List.copyOf(packages);
      overlay = List.copyOf(overlay);
      scripts = List.copyOf(scripts);
      Objects.requireNonNull(output, "output");
      for (String name : packages) {
        // Debian policy's own rule; it also keeps a name from being taken for an option or a shell
        // word.
        if (!name.matches("[a-z0-9][a-z0-9+.-]+")) {
          throw new IllegalArgumentException("'" + name + "' is not the name of a Debian package");
        }
      }
      if (!release.matches("[a-z][a-z0-9-]*")) {
        throw new IllegalArgumentException(
            "'" + release + "' is not the name of a Debian release, such as bookworm or trixie");
      }
      if (mirror != null && !mirror.matches("(https?|file|copy)://?[!-~]+")) {
        throw new IllegalArgumentException(
            "'" + mirror + "' is not the address of a mirror: expected http:, https: or file:");
      }
      if (diskSize != 0 && (diskSize < DISK_SIZE_MIN || diskSize > DISK_SIZE_MAX)) {
        throw new IllegalArgumentException(
            "a disk of " + diskSize + " bytes: expected 16 MiB to 1 TiB, or 0 for what fits");
      }
      if (memoryMiB != 0 && (memoryMiB < MEMORY_MIN_MIB || memoryMiB > MEMORY_MAX_MIB)) {
        throw new IllegalArgumentException(
            "memory of " + memoryMiB + " MiB: expected 64 MiB to 1 TiB, or 0 for the default");
      }
      if (cpus < 0 || cpus > CPUS_MAX) {
        throw new IllegalArgumentException(cpus + " vCPUs: expected 1 to 64, or 0 for the default");
      }
    }

    /** The given packages in {@code output}, with every default. */
    public static Options of(Path output, String... packages) {
      return new Options(
          List.of(packages), List.of(), List.of(), 0, 0, 0, output, RELEASE, null, false);
    }

    public Options withOverlay(Path... folders) {
      return new Options(
          packages,
          List.of(folders),
          scripts,
          diskSize,
          memoryMiB,
          cpus,
          output,
          release,
          mirror,
          force);
    }

    public Options withScripts(Path... files) {
      return new Options(
          packages,
          overlay,
          List.of(files),
          diskSize,
          memoryMiB,
          cpus,
          output,
          release,
          mirror,
          force);
    }

    public Options withDiskSize(long bytes) {
      return new Options(
          packages, overlay, scripts, bytes, memoryMiB, cpus, output, release, mirror, force);
    }

    /** What the packager shall take unless it is told otherwise. */
    public Options withMachine(int memory, int vcpus) {
      return new Options(
          packages, overlay, scripts, diskSize, memory, vcpus, output, release, mirror, force);
    }

    public Options withRelease(String name) {
      return new Options(
          packages, overlay, scripts, diskSize, memoryMiB, cpus, output, name, mirror, force);
    }

    public Options withMirror(String address) {
      return new Options(
          packages, overlay, scripts, diskSize, memoryMiB, cpus, output, release, address, force);
    }

    public Options withForce() {
      return new Options(
          packages, overlay, scripts, diskSize, memoryMiB, cpus, output, release, mirror, true);
    }
  }

  /**
   * What to build of a disk image.
   *
   * @param image raw or qcow2; read, never changed
   * @param memoryMiB for the manifest, or 0 to leave it to the packager
   * @param cpus for the manifest, or 0 to leave it to the packager
   * @param output the folder to fill
   * @param force builds even if the output is up to date
   */
  public record ImageOptions(Path image, int memoryMiB, int cpus, Path output, boolean force) {}
}
