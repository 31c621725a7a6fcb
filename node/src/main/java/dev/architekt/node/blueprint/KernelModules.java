package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Tool tool;
  private final Map<String, Path> byName = new HashMap<>();

  /**
   * @param tool unpacks modules that are compressed, as those of newer releases are
   */
  KernelModules(Tool tool, Path modulesFolder) throws IOException {
    this.tool = tool;
    List<Path> modules;
    try (Stream<Path> files = Files.walk(modulesFolder)) {
      modules = files.filter(file -> file.toString().matches(".*\\.ko(\\.xz)?")).toList();
    }
    for (Path module : modules) {
      byName.put(name(module), module);
    }
    if (byName.isEmpty()) {
      throw new BlueprintException(
          "the kernel package holds no modules under "
              + modulesFolder.getFileName()
              + "; expected *.ko or *.ko.xz files as Debian's have them");
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replaceFirst("\\.ko(\\.xz)?$", "").replace('-', '_');
  }

  /** The file itself, or what it holds when it is compressed. */
  private Path unpacked(Path module) throws IOException, InterruptedException {
    String path = module.toString();
    if (!path.endsWith(".xz")) {
      return module;
    }
    tool.check(
        "unpack the module " + module.getFileName(),
        List.of(Tool.find("xz", "xz-utils"), "-d", "-k", "-f", path),
        Map.of(),
        LIMIT);
    return Path.of(path.substring(0, path.length() - ".xz".length()));
  }

  /** Files in loading order. */
  List<Path> inOrder() throws IOException, InterruptedException {
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

  private void add(String module, Set<String> order, Set<String> path)
      throws IOException, InterruptedException {
    Path file = byName.get(module);
    if (file == null || order.contains(module) || !path.add(module)) {
      return;
    }
    file = unpacked(file);
    byName.put(module, file);
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
