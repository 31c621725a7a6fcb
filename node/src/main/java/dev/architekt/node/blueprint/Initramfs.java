package dev.architekt.node.blueprint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Busybox, the drivers and a script that mounts the disk. Not compressed: under software emulation
 * unpacking costs more than reading, and a package compresses it anyway.
 */
final class Initramfs {
  private Initramfs() {}

  static void write(Path target, Path busybox, List<Path> modules) throws IOException {
    try (var cpio = new Cpio(new BufferedOutputStream(Files.newOutputStream(target)))) {
      for (String folder : List.of("bin", "dev", "proc", "sys", "root", "modules")) {
        cpio.folder(folder);
      }
      cpio.device("dev/console", 0600, 5, 1);
      cpio.file("init", 0755, GuestFiles.read("initramfs/init"));
      cpio.file("bin/busybox", 0755, Files.readAllBytes(busybox));
      StringBuilder order = new StringBuilder();
      for (Path module : modules) {
        String name = module.getFileName().toString();
        cpio.file("modules/" + name, 0644, Files.readAllBytes(module));
        order.append(name).append('\n');
      }
      cpio.file("modules/order", 0644, order.toString().getBytes(StandardCharsets.UTF_8));
    }
  }
}
