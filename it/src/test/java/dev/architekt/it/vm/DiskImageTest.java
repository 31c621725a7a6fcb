package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.cli.lab.Shell;
import dev.architekt.it.guest.Guests;
import dev.architekt.node.blueprint.Blueprint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A qcow2 with a kernel of its own in {@code /boot} boots, becomes live and is packaged. */
@Tag("vm")
@Tag("full")
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DiskImageTest {
  private static final int MEMORY_MIB = 128;

  @TempDir Path folder;

  @Test
  void aDiskWithItsOwnKernelBecomesAPackage() throws Exception {
    Blueprint built = Blueprint.build(options(image()), line -> {});
    assertThat(built.manifest().commandLine()).contains("root=UUID=");
    assertThat(ProofPackage.get("image", built, MEMORY_MIB)).isNotEmptyFile();
  }

  private Blueprint.ImageOptions options(Path image) {
    return new Blueprint.ImageOptions(image, MEMORY_MIB, 1, folder.resolve("out"), false);
  }

  /**
   * The disk of a guest that is there anyway, with kernel and initramfs put where Debian has them.
   */
  private Path image() throws Exception {
    Blueprint guest = Guests.service("memcached");
    Path raw = folder.resolve("server.raw");
    run("cp", "--sparse=always", guest.disk().toString(), raw.toString());
    put(raw, guest.kernel(), "/boot/vmlinuz-6.1.0-1-cloud-amd64");
    put(raw, guest.initramfs(), "/boot/initrd.img-6.1.0-1-cloud-amd64");
    Path qcow2 = folder.resolve("server.qcow2");
    run("qemu-img", "convert", "-O", "qcow2", raw.toString(), qcow2.toString());
    return qcow2;
  }

  private static void put(Path disk, Path file, String path) throws Exception {
    run("/usr/sbin/debugfs", "-w", "-R", "write " + file + " " + path, disk.toString());
  }

  private static void run(String... command) throws Exception {
    Shell.run(Duration.ofSeconds(60), List.of(command));
  }
}
