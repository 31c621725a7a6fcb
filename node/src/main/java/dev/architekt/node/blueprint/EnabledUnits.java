package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What systemd would start at boot from a root, and what it would leave alone. */
final class EnabledUnits {
  private static final List<String> TREES = List.of("etc/systemd/system", "usr/lib/systemd/system");

  private final Path root;

  /**
   * @param root a real path
   */
  EnabledUnits(Path root) {
    this.root = root;
  }

  /**
   * Files of the services that a target wants, by name without {@code .service}; an alias appears
   * under its real name.
   */
  Map<String, Path> services() throws IOException {
    Map<String, Path> units = new TreeMap<>();
    for (Path link : wanted(Set.of("multi-user.target.wants", "default.target.wants"))) {
      Path file = unitFile(link);
      if (link.toString().endsWith(".service") && file != null) {
        units.put(name(link), file);
      }
    }
    return units;
  }

  /** Names of the sockets, without {@code .socket}, that systemd would open for services. */
  Set<String> sockets() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Path link : wanted(Set.of("sockets.target.wants"))) {
      names.add(name(link));
    }
    return names;
  }

  /** Files of the timers that systemd would start. */
  Map<String, Path> timers() throws IOException {
    Map<String, Path> units = new TreeMap<>();
    for (Path link : wanted(Set.of("timers.target.wants"))) {
      Path file = unitFile(link);
      if (file != null) {
        units.put(name(link), file);
      }
    }
    return units;
  }

  /** Every service file, enabled or not, by its file's name. */
  Map<String, Path> all() throws IOException {
    Map<String, Path> units = new TreeMap<>();
    for (String tree : TREES.reversed()) {
      for (Path file : entries(root.resolve(tree), 1)) {
        if (file.toString().endsWith(".service")
            && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          units.put(file.getFileName().toString(), file);
        }
      }
    }
    return units;
  }

  /** {@code NAME.service.d/*.conf} in the order in which systemd reads them. */
  List<Path> dropIns(String name) throws IOException {
    Map<String, Path> byName = new TreeMap<>();
    for (String tree : TREES.reversed()) {
      for (Path file : entries(root.resolve(tree).resolve(name + ".service.d"), 1)) {
        if (file.toString().endsWith(".conf") && Files.isRegularFile(file)) {
          byName.put(file.getFileName().toString(), file);
        }
      }
    }
    return List.copyOf(byName.values());
  }

  private List<Path> wanted(Set<String> targets) throws IOException {
    List<Path> links = new ArrayList<>();
    for (String tree : TREES) {
      for (Path link : entries(root.resolve(tree), 2)) {
        if (targets.contains(link.getParent().getFileName().toString())) {
          links.add(link);
        }
      }
    }
    return links;
  }

  private static List<Path> entries(Path folder, int depth) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(folder, depth)) {
      return paths.filter(path -> !path.equals(folder)).sorted().toList();
    }
  }

  private static String name(Path unit) {
    return unit.getFileName().toString().replaceFirst("\\.[a-z]+$", "");
  }

  /** The file behind a link, or null when it leads nowhere or out of the root. */
  private Path unitFile(Path link) throws IOException {
    Path file = link;
    if (Files.isSymbolicLink(link)) {
      Path target = Files.readSymbolicLink(link);
      file =
          target.isAbsolute()
              ? root.resolve(target.toString().substring(1))
              : link.getParent().resolve(target).normalize();
    }
    if (!Files.isRegularFile(file)) {
      return null;
    }
    Path real = file.toRealPath();
    return real.startsWith(root) ? real : null;
  }
}
