package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The services of a root: enabled systemd units become run scripts, run scripts become lines of the
 * inittab.
 */
final class GuestServices {
  private static final String SCRIPTS = "etc/architekt/services";

  /** The builder starts this one by itself, as the host's way in. */
  private static final Set<String> NOT_SERVICES =
      Set.of("qemu-guest-agent", "e2scrub_reap", "getty@tty1", "remote-fs");

  private final Path root;
  private final Properties table;
  private final Set<String> oneShots = new TreeSet<>();

  GuestServices(Path root) throws IOException {
    this.root = root;
    this.table = GuestFiles.services();
  }

  /**
   * Writes a run script for each unit that is enabled and owned by one of the packages.
   *
   * @return names of the services
   */
  List<String> translate(Set<String> packages, PackageDatabase database) throws IOException {
    Map<String, Path> units = enabledUnits();
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, Path> unit : units.entrySet()) {
      String name = unit.getKey();
      String owner = database.owner("/" + root.relativize(unit.getValue()));
      if (NOT_SERVICES.contains(name) || owner == null || !packages.contains(owner)) {
        continue;
      }
      SystemdUnit parsed = SystemdUnit.read(name, unit.getValue());
      if (parsed.oneShot()) {
        oneShots.add(name);
      }
      String script =
          new ServiceScript(
                  parsed,
                  table.getProperty(name + ".arguments", ""),
                  table.getProperty(name + ".command"),
                  primaryGroup(parsed.last("User", "root")))
              .text();
      GuestFiles.write(
          root.resolve(SCRIPTS).resolve(name), script.getBytes(StandardCharsets.UTF_8), 0755);
      names.add(name);
    }
    return names;
  }

  /**
   * Unit files that a target wants, by name without {@code .service}; an alias appears under its
   * real name.
   */
  private Map<String, Path> enabledUnits() throws IOException {
    Map<String, Path> units = new TreeMap<>();
    for (String tree : List.of("etc/systemd/system", "usr/lib/systemd/system")) {
      Path folder = root.resolve(tree);
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (Stream<Path> links = Files.walk(folder, 2)) {
        for (Path link : links.filter(GuestServices::isWanted).sorted().toList()) {
          String name = link.getFileName().toString().replaceFirst("\\.service$", "");
          Path file = unitFile(link);
          if (file != null) {
            units.put(name, file);
          }
        }
      }
    }
    return units;
  }

  private static boolean isWanted(Path link) {
    String folder = link.getParent().getFileName().toString();
    return (folder.equals("multi-user.target.wants") || folder.equals("default.target.wants"))
        && link.toString().endsWith(".service");
  }

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

  private String primaryGroup(String user) throws IOException {
    String id = field("etc/passwd", 0, user, 3);
    String name = id == null ? null : field("etc/group", 2, id, 0);
    return name != null ? name : user;
  }

  private String field(String file, int keyColumn, String key, int valueColumn) throws IOException {
    for (String line : Files.readAllLines(root.resolve(file), StandardCharsets.UTF_8)) {
      String[] fields = line.split(":", -1);
      if (fields.length > Math.max(keyColumn, valueColumn) && fields[keyColumn].equals(key)) {
        return fields[valueColumn];
      }
    }
    return null;
  }

  /** Run scripts that are there now, translated or from an overlay. */
  List<String> scripts() throws IOException {
    return executables(root.resolve(SCRIPTS));
  }

  /** Adds the services to the inittab and tells liveness which of them must listen. */
  void supervise() throws IOException {
    List<String> names = scripts();
    StringBuilder inittab = new StringBuilder(GuestFiles.text("root/etc/inittab"));
    StringBuilder listeners = new StringBuilder();
    for (String name : names) {
      boolean once = oneShots.contains(name);
      inittab.append("::").append(once ? "once" : "respawn");
      inittab.append(":/usr/lib/architekt/supervise ").append(name);
      inittab.append(once ? " once\n" : "\n");
      if (!once) {
        listeners.append(name).append('\n');
      }
    }
    write("etc/inittab", inittab);
    write("etc/architekt/listeners", listeners);
  }

  private void write(String path, CharSequence text) throws IOException {
    GuestFiles.write(root.resolve(path), text.toString().getBytes(StandardCharsets.UTF_8), 0644);
  }

  /** Ports that the table knows for the services. */
  List<String> ports() throws IOException {
    List<String> ports = new ArrayList<>();
    for (String name : scripts()) {
      for (String port : table.getProperty(name + ".ports", "").split(" ")) {
        if (!port.isBlank()) {
          ports.add(port);
        }
      }
    }
    return ports;
  }

  Map<String, List<String>> hooks() throws IOException {
    Map<String, List<String>> hooks = new TreeMap<>();
    for (String event : List.of("before-suspend", "after-resume", "new-instance")) {
      hooks.put(event, executables(root.resolve("etc/architekt").resolve(event + ".d")));
    }
    return hooks;
  }

  private static List<String> executables(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> Files.isSymbolicLink(file) || Files.isExecutable(file))
          .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
