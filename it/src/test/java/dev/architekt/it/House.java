package dev.architekt.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The repository as its own tests see it: rooms, their floors, and the files that people wrote. */
final class House {
  /** Where the root pom is. */
  static final Path ROOT = root();

  /**
   * The floors, lowest first. A room may use what lies on lower floors, and nothing beside or above
   * it.
   */
  static final Map<String, Integer> FLOORS =
      Map.ofEntries(
          Map.entry("linux", 0),
          Map.entry("region", 10),
          Map.entry("mount", 20),
          Map.entry("archive", 20),
          Map.entry("nbd", 20),
          Map.entry("hypervisor", 30),
          // A driver stands on its contract.
          Map.entry("hypervisor-qemu", 31),
          Map.entry("network", 40),
          Map.entry("migration", 40),
          Map.entry("probe", 40),
          Map.entry("node", 50),
          Map.entry("cli", 60),
          // What tests and measures stands above all that it looks at: the product never needs it.
          Map.entry("testkit", 70),
          Map.entry("simulation", 80),
          Map.entry("it", 90),
          Map.entry("bench", 90));

  /** Rooms that make up the data plane: few dependencies, a module each. */
  static final Set<String> DATA_PLANE =
      Set.of(
          "linux",
          "region",
          "mount",
          "archive",
          "nbd",
          "hypervisor",
          "hypervisor-qemu",
          "network",
          "migration");

  private static final Pattern MODULE = Pattern.compile("<module>([a-z0-9-]+)</module>");
  private static final Set<String> NOT_OURS = Set.of(".git", ".build", "target", "node_modules");

  private House() {}

  /** The rooms that the root pom names. */
  static List<String> rooms() {
    List<String> rooms = new ArrayList<>();
    Matcher modules = MODULE.matcher(text(ROOT.resolve("pom.xml")));
    while (modules.find()) {
      rooms.add(modules.group(1));
    }
    return rooms;
  }

  /** The room of a package or module {@code dev.architekt.…}: the longest name that fits. */
  static String roomOf(String name) {
    String rest = name.substring("dev.architekt.".length()).replace('.', '-') + "-";
    return FLOORS.keySet().stream()
        .filter(room -> rest.startsWith(room + "-"))
        .max((a, b) -> a.length() - b.length())
        .orElse("?");
  }

  /** Whether {@code from} may use {@code to}. */
  static boolean down(String from, String to) {
    return from.equals(to) || FLOORS.getOrDefault(from, -1) > FLOORS.getOrDefault(to, 1000);
  }

  /** Files that people wrote and whose name ends in one of {@code endings}, with their text. */
  static Map<Path, String> sources(String... endings) {
    Map<Path, String> sources = new TreeMap<>();
    try {
      Files.walkFileTree(
          ROOT,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return NOT_OURS.contains(folder.getFileName().toString())
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              for (String ending : endings) {
                if (file.toString().endsWith(ending)) {
                  sources.put(ROOT.relativize(file), text(file));
                }
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("pom.xml"))
        || !text(folder.resolve("pom.xml")).contains("<modules>")) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("no root pom above " + Path.of("").toAbsolutePath());
      }
    }
    return folder;
  }
}
