package dev.architekt.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A guest to be measured: its blueprint and the package made of it.
 *
 * @param blueprint folder of kernel, initial RAM disk and disk
 * @param ark the package
 */
public record GuestImage(Path blueprint, Path ark) {

  /** The Redis guest that the demo uses, built by the ordinary commands unless it is there. */
  public static GuestImage redis(int memoryMiB) throws IOException, InterruptedException {
    Path folder = Path.of("out", "demo").toAbsolutePath();
    Files.createDirectories(folder);
    GuestImage image =
        new GuestImage(folder.resolve("blueprint"), folder.resolve("redis-" + memoryMiB + ".ark"));
    if (!Files.exists(image.kernel())) {
      Rig.run("blueprint", "--package", "redis-server", "--output", image.blueprint().toString());
    }
    image.packaged(memoryMiB);
    return image;
  }

  private void packaged(int memoryMiB) throws IOException, InterruptedException {
    if (Files.exists(ark)) {
      return;
    }
    Rig.run(
        "packager",
        "--kernel-input-path",
        kernel().toString(),
        "--initramfs-input-path",
        initramfs().toString(),
        "--disk-input-path",
        disk().toString(),
        "--memory-size",
        Integer.toString(memoryMiB),
        "--package-output-path",
        ark.toString());
  }

  public Path kernel() {
    return blueprint.resolve("architekt.arkkernel");
  }

  public Path initramfs() {
    return blueprint.resolve("architekt.arkinitramfs");
  }

  public Path disk() {
    return blueprint.resolve("architekt.arkdisk");
  }
}
