package dev.architekt.bench.lab;

import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

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

  /**
   * A guest whose service is one of the programs in {@code it/src/guest}, under {@code
   * .build/bench}; built anew when its program or arguments change.
   *
   * @param arguments of the program
   */
  public static GuestImage program(String program, int memoryMiB, String... arguments)
      throws IOException, InterruptedException {
    String name = program + String.join("", arguments).replaceAll("[^a-z0-9]", "") + memoryMiB;
    Path folder = Path.of(".build", "bench", name).toAbsolutePath();
    GuestImage image = new GuestImage(folder.resolve("blueprint"), folder.resolve("guest.ark"));
    Path overlay = GuestPrograms.overlay(folder.resolve("overlay"), program, arguments);
    FileTime before = Files.exists(image.disk()) ? Files.getLastModifiedTime(image.disk()) : null;
    Rig.run("blueprint", "--overlay", overlay.toString(), "--output", image.blueprint().toString());
    if (!Files.getLastModifiedTime(image.disk()).equals(before)) {
      Files.deleteIfExists(image.ark());
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
