package dev.architekt.hypervisor.qemu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * A guest without a disk: Debian's cloud kernel, and an initramfs that counts on the console. Built
 * once into the system's temporary folder from packages; tests that need it are skipped where that
 * cannot be done.
 */
final class TestGuest {
  private static final Path CACHE =
      Path.of(System.getProperty("java.io.tmpdir"), "architekt-test-guest-v3");
  private static final List<String> MODULES =
      List.of(
          "drivers/virtio/virtio_ring",
          "drivers/virtio/virtio",
          "drivers/virtio/virtio_pci_legacy_dev",
          "drivers/virtio/virtio_pci_modern_dev",
          "drivers/virtio/virtio_pci",
          "drivers/char/virtio_console",
          "drivers/block/virtio_blk");

  private static final String INIT =
      """
      #!/bin/busybox sh
      b=/bin/busybox
      $b mount -t proc proc /proc
      $b mount -t sysfs sys /sys
      $b mount -t devtmpfs dev /dev
      for m in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci \\
          virtio_console virtio_blk; do $b insmod /modules/$m.ko; done
      $b mkdir -p /run /var/run /tmp /dev/virtio-ports
      port=/dev/$($b basename $($b dirname $($b grep -l org.qemu.guest_agent.0 /sys/class/virtio-ports/*/name)))
      /usr/sbin/qemu-ga -m virtio-serial -p $port -t /run &
      ( while true; do
          if [ -b /dev/vda ]; then $b dd if=/dev/urandom of=/dev/vda bs=4k count=16 conv=fsync 2>/dev/null \\
            && echo "disk written"; fi
          $b sleep 0.3
        done ) &
      i=0
      while true; do echo "tick $i"; i=$((i+1)); $b sleep 0.1; done
      """;

  private TestGuest() {}

  record Boot(Path kernel, Path initramfs) {}

  static synchronized Boot files() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64")), "needs qemu-system-x86");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    Boot files = new Boot(CACHE.resolve("vmlinuz"), CACHE.resolve("initramfs.gz"));
    if (!Files.exists(files.initramfs())) {
      Path work = Files.createTempDirectory("architekt-test-guest-build");
      Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
      assumeTrue(
          unpack(work), "needs to download the packages linux-image-cloud-amd64, qemu-guest-agent");
      build(work, files);
      run(work, "rm", "-rf", work.toString());
    }
    return files;
  }

  private static boolean unpack(Path work) throws Exception {
    String image =
        run(
                work,
                "sh",
                "-c",
                "apt-cache depends linux-image-cloud-amd64 | grep -o 'linux-image-[0-9].*' | head -1")
            .strip();
    run(work, "apt-get", "download", "-q", image, "qemu-guest-agent");
    run(work, "sh", "-c", "for f in *.deb; do dpkg-deb -x $f root; done");
    return Files.exists(work.resolve("root/usr/sbin/qemu-ga"))
        && Files.exists(work.resolve("root/boot"));
  }

  private static void build(Path work, Boot files) throws Exception {
    Files.createDirectories(CACHE);
    Path root = work.resolve("root");
    Cpio cpio = new Cpio();
    for (String folder :
        List.of(
            "bin",
            "dev",
            "proc",
            "sys",
            "lib",
            "lib/x86_64-linux-gnu",
            "lib64",
            "modules",
            "usr",
            "usr/sbin")) {
      cpio.folder(folder);
    }
    cpio.file("init", INIT.getBytes(StandardCharsets.UTF_8));
    cpio.file("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox")));
    cpio.file("bin/date", Files.readAllBytes(Path.of("/bin/date")));
    cpio.file("usr/sbin/qemu-ga", Files.readAllBytes(root.resolve("usr/sbin/qemu-ga")));
    TreeSet<String> libraries = new TreeSet<>();
    for (String program : List.of(root.resolve("usr/sbin/qemu-ga").toString(), "/bin/date")) {
      run(work, "ldd", program)
          .lines()
          .flatMap(line -> Stream.of(line.strip().split("\\s+")))
          .filter(word -> word.startsWith("/lib"))
          .forEach(libraries::add);
    }
    for (String library : libraries) {
      cpio.file(library.substring(1), Files.readAllBytes(Path.of(library)));
    }
    Path kernels = root.resolve("lib/modules");
    try (Stream<Path> versions = Files.list(kernels)) {
      Path modules = versions.findFirst().orElseThrow().resolve("kernel");
      for (String module : MODULES) {
        Path file = modules.resolve(module + ".ko");
        cpio.file("modules/" + file.getFileName(), Files.readAllBytes(file));
      }
    }
    try (Stream<Path> boot = Files.list(root.resolve("boot"))) {
      Path kernel =
          boot.filter(p -> p.getFileName().toString().startsWith("vmlinuz"))
              .findFirst()
              .orElseThrow();
      Files.copy(kernel, files.kernel(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    Path temporary = CACHE.resolve("initramfs.new");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(temporary))) {
      out.write(cpio.finish());
    }
    Files.move(temporary, files.initramfs());
  }

  static String run(Path folder, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor(2, TimeUnit.MINUTES);
    return out;
  }

  /**
   * The kernel's initramfs format ("newc"): a header of hex fields, a name, content, each padded to
   * four bytes.
   */
  private static final class Cpio {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> names = new ArrayList<>();

    void folder(String name) {
      entry(name, 0040755, new byte[0]);
    }

    void file(String name, byte[] content) {
      entry(name, 0100755, content);
    }

    byte[] finish() {
      entry("TRAILER!!!", 0, new byte[0]);
      return out.toByteArray();
    }

    private void entry(String name, int mode, byte[] content) {
      names.add(name);
      int[] fields = {
        names.size(), mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length() + 1, 0
      };
      StringBuilder header = new StringBuilder("070701");
      for (int field : fields) {
        header.append(String.format("%08X", field));
      }
      out.writeBytes((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
      pad();
      out.writeBytes(content);
      pad();
    }

    private void pad() {
      while (out.size() % 4 != 0) {
        out.write(0);
      }
    }
  }
}
