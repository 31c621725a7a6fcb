package dev.architekt.node.blueprint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Makes a blueprint of a disk image that brings its own system: the kernel is taken out of it. */
final class ImageBlueprint {
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final Duration SHORT = Duration.ofMinutes(1);
  private static final long SIZE_MAX = 1L << 40;

  /** As for guests of packages, except for what spares work that only those do not need. */
  private static final String COMMAND_LINE =
      "console=ttyS0 tsc=reliable no_timer_check net.ifnames=0 panic=-1 rw root=";

  /** "HdrS" and its place in a Linux kernel for x86 (its Documentation/arch/x86/boot.rst). */
  private static final int BOOT_HEADER = 0x5372_6448;

  private static final int BOOT_HEADER_OFFSET = 0x202;

  private final Blueprint.ImageOptions options;
  private final Blueprint.Progress progress;

  ImageBlueprint(Blueprint.ImageOptions options, Blueprint.Progress progress) {
    this.options = options;
    this.progress = progress;
  }

  /** The newest kernel of a file system, and what belongs to it; paths inside. */
  private record Boot(ExtFiles files, String kernel, String initramfs, String release) {}

  Blueprint build() throws IOException, InterruptedException {
    Tool.find("qemu-img", "qemu-utils");
    Tool.find("debugfs", "e2fsprogs");
    String inputs = InputsDigest.of(options);
    Path output = options.output().toAbsolutePath().normalize();
    Blueprint present = options.force() ? null : BlueprintFolder.present(output, inputs);
    if (present != null) {
      progress.line("up to date: " + options.output() + " (--force builds again)");
      return present;
    }
    try (Scratch scratch = new Scratch(output.getParent())) {
      Tool tool = scratch.tool();
      Path built = Files.createDirectory(scratch.folder().resolve("built"));
      Path disk = built.resolve(Blueprint.DISK);
      convert(tool, disk);
      BlueprintManifest manifest = takeOut(tool, built, disk, inputs);
      manifest.write(built.resolve(Blueprint.MANIFEST));
      BlueprintFolder.moveTo(output, built);
      progress.line("done: " + output);
      return new Blueprint(output, manifest);
    }
  }

  private void convert(Tool tool, Path disk) throws IOException, InterruptedException {
    String image = options.image().toAbsolutePath().toString();
    String qemuImg = Tool.find("qemu-img", "qemu-utils");
    String described =
        tool.check(
            "read the image " + image,
            List.of(qemuImg, "info", "--output=json", image),
            Map.of(),
            SHORT);
    JsonNode info = new ObjectMapper().readTree(described);
    String format = info.path("format").asText();
    long size = info.path("virtual-size").asLong();
    if (!format.equals("raw") && !format.equals("qcow2")) {
      throw new BlueprintException(
          image + " is an image of format " + format + "; expected raw or qcow2");
    }
    if (info.has("backing-filename")) {
      throw new BlueprintException(
          image
              + " is only the difference to another image ("
              + info.path("backing-filename").asText()
              + "); make a whole one with: qemu-img convert -O qcow2 "
              + image
              + " whole.qcow2");
    }
    if (size > SIZE_MAX) {
      throw new BlueprintException(
          image + " is a disk of " + size + " bytes; expected 1 TiB at most");
    }
    progress.line("copying a " + format + " disk of " + (size >> 20) + " MiB");
    tool.check(
        "copy the image " + image,
        List.of(qemuImg, "convert", "-f", format, "-O", "raw", image, disk.toString()),
        Map.of(),
        LIMIT);
  }

  private BlueprintManifest takeOut(Tool tool, Path built, Path disk, String inputs)
      throws IOException, InterruptedException {
    StringBuilder looked = new StringBuilder();
    Optional<Boot> boot = Optional.empty();
    Optional<PartitionTable.Partition> root = Optional.empty();
    for (PartitionTable.Partition partition : PartitionTable.of(disk)) {
      looked.append("\n  ").append(partition).append(" (").append(partition.length() >> 20);
      looked.append(" MiB): ");
      if (!PartitionTable.holdsExt(disk, partition)) {
        looked.append("no ext2, ext3 or ext4 file system");
        continue;
      }
      ExtFiles files = new ExtFiles(tool, disk, partition);
      Optional<Boot> here = boot(files);
      boolean system = files.exists("/etc/fstab") || files.exists("/usr/lib/os-release");
      looked.append(here.map(b -> "kernel " + b.release()).orElse("no kernel with an initramfs"));
      looked.append(system ? ", a root file system" : "");
      boot = boot.or(() -> here);
      root = system ? root.or(() -> Optional.of(partition)) : root;
    }
    if (boot.isEmpty() || root.isEmpty()) {
      throw new BlueprintException(
          options.image()
              + (boot.isEmpty()
                  ? " holds no kernel that could be started: expected vmlinuz-VERSION and"
                      + " initrd.img-VERSION (or initramfs-VERSION.img) in /boot"
                  : " holds a kernel and no root file system with /etc/fstab or /usr/lib/os-release")
              + " on ext2, ext3 or ext4. Looked at:"
              + looked);
    }
    Boot found = boot.get();
    extract(found, found.kernel(), built.resolve(Blueprint.KERNEL));
    extract(found, found.initramfs(), built.resolve(Blueprint.INITRAMFS));
    requireBootable(built.resolve(Blueprint.KERNEL), found);
    progress.line("kernel " + found.release() + ", root file system on " + root.get());
    return new BlueprintManifest(
        inputs,
        "image",
        found.release(),
        COMMAND_LINE + "UUID=" + PartitionTable.extUuid(disk, root.get()),
        "",
        options.memoryMiB(),
        options.cpus(),
        Map.of(),
        List.of(),
        List.of(),
        hooks(new ExtFiles(tool, disk, root.get())),
        BlueprintFolder.files(tool, built));
  }

  /** An image may bring the guest's side of ours: what runs its hooks, and hooks. */
  private static Map<String, List<String>> hooks(ExtFiles files)
      throws IOException, InterruptedException {
    if (!files.exists("/usr/lib/architekt/run-hooks")) {
      return Map.of();
    }
    Map<String, List<String>> hooks = new TreeMap<>();
    for (String event : GuestServices.EVENTS) {
      hooks.put(event, files.list("/etc/architekt/" + event + ".d").stream().sorted().toList());
    }
    return hooks;
  }

  /** Of several kernels the newest, by the numbers in its version. */
  private static Optional<Boot> boot(ExtFiles files) throws IOException, InterruptedException {
    for (String folder : List.of("/boot", "/")) {
      List<String> names = files.list(folder);
      Optional<Boot> newest =
          names.stream()
              .filter(name -> name.startsWith("vmlinuz-"))
              .map(name -> name.substring("vmlinuz-".length()))
              .sorted(Comparator.comparing(ImageBlueprint::comparable).reversed())
              .flatMap(release ->
                  List.of(
                          "initrd.img-" + release,
                          "initramfs-" + release + ".img",
                          "initrd-" + release)
                      .stream()
                      .filter(names::contains)
                      .limit(1)
                      .map(initramfs ->
                          new Boot(
                              files,
                              folder + "/vmlinuz-" + release,
                              folder + "/" + initramfs,
                              release)))
              .findFirst();
      if (newest.isPresent()) {
        return newest;
      }
    }
    return Optional.empty();
  }

  /** Numbers with as many digits each, so that texts compare as versions do. */
  static String comparable(String version) {
    StringBuilder key = new StringBuilder();
    for (String part : version.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)")) {
      boolean number = part.matches("\\d{1,10}");
      key.append(number ? "%010d".formatted(Long.parseLong(part)) : part);
    }
    return key.toString();
  }

  private void extract(Boot boot, String path, Path target)
      throws IOException, InterruptedException {
    if (!boot.files().copy(path, target)) {
      throw new BlueprintException(
          path + " could not be read out of " + options.image() + ": the file system is damaged");
    }
  }

  private void requireBootable(Path kernel, Boot boot) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(kernel, StandardOpenOption.READ)) {
      channel.read(header, BOOT_HEADER_OFFSET);
    }
    if (header.position() < Integer.BYTES || header.getInt(0) != BOOT_HEADER) {
      throw new BlueprintException(
          boot.kernel()
              + " in "
              + options.image()
              + " is no kernel for amd64 (it has no boot header)");
    }
  }
}
