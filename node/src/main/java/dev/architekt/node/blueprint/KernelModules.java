package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The drivers a guest needs before it has a disk, in an order in which each finds what it depends
 * on.
 */
final class KernelModules {
  /**
   * Proved to load in this order with Debian's cloud kernel. What a module names as its own
   * dependencies is put before it besides, for kernels that cut their modules differently.
   */
  static final List<String> WANTED =
      List.of(
          "virtio_ring",
          "virtio",
          "virtio_pci_legacy_dev",
          "virtio_pci_modern_dev",
          "virtio_pci",
          "failover",
          "net_failover",
          "virtio_net",
          "virtio_blk",
          "virtio_console",
          "virtio_rng");

  private final Map<String, Path> byName = new HashMap<>();

  KernelModules(Path modulesFolder) throws IOException {
    try (Stream<Path> files = Files.walk(modulesFolder)) {
      files
          .filter(file -> file.toString().endsWith(".ko"))
          .forEach(file -> byName.put(name(file), file));
    }
    if (byName.isEmpty()) {
      throw new BlueprintException(
          "the kernel package holds no uncompressed modules under "
              + modulesFolder.getFileName()
              + "; expected *.ko files as Debian "
              + Blueprint.RELEASE
              + " has them");
    }
  }

  private static String name(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - ".ko".length()).replace('-', '_');
  }

  /** Files in loading order. */
  List<Path> inOrder() throws IOException {
    Set<String> order = new LinkedHashSet<>();
    for (String module : WANTED) {
      // A kernel that has it built in has no file for it.
      if (byName.containsKey(module)) {
        add(module, order, new LinkedHashSet<>());
      }
    }
    List<Path> files = new ArrayList<>();
    for (String module : order) {
      files.add(byName.get(module));
    }
    return files;
  }

  private void add(String module, Set<String> order, Set<String> path) throws IOException {
    Path file = byName.get(module);
    if (file == null || order.contains(module) || !path.add(module)) {
      return;
    }
    for (String needed : dependencies(Files.readAllBytes(file))) {
      add(needed, order, path);
    }
    order.add(module);
  }

  /** The module's own {@code depends=} entry of its information section. */
  static List<String> dependencies(byte[] module) {
    String text = new String(module, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("\0depends=");
    if (at < 0) {
      return List.of();
    }
    int begin = at + "\0depends=".length();
    String list = text.substring(begin, text.indexOf('\0', begin));
    return list.isEmpty() ? List.of() : List.of(list.replace('-', '_').split(","));
  }
}
