package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code [Unit]} and {@code [Service]} sections of a unit file, with the specifiers resolved
 * that a service of its own needs.
 *
 * @param name without {@code .service}
 * @param sections name of the section to its keys
 */
record SystemdUnit(String name, Map<String, Map<String, List<String>>> sections) {

  /**
   * @param dropIns parts of the unit that are read after it, in order ({@code NAME.service.d})
   */
  static SystemdUnit read(String name, Path file, List<Path> dropIns) throws IOException {
    StringBuilder text = new StringBuilder(Files.readString(file, StandardCharsets.UTF_8));
    for (Path dropIn : dropIns) {
      text.append('\n').append(Files.readString(dropIn, StandardCharsets.UTF_8));
    }
    return parse(name, text.toString());
  }

  static SystemdUnit parse(String name, String text) {
    Map<String, Map<String, List<String>>> sections = new LinkedHashMap<>();
    String section = "";
    // A line that ends with a backslash goes on in the next.
    for (String raw : text.replaceAll("\\\\\\R", " ").split("\\R")) {
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      if (line.startsWith("[")) {
        section = line.substring(1, Math.max(1, line.length() - 1));
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 0) {
        continue;
      }
      String key = line.substring(0, equals).strip();
      String value = specifiers(name, line.substring(equals + 1).strip());
      List<String> values =
          sections
              .computeIfAbsent(section, s -> new LinkedHashMap<>())
              .computeIfAbsent(key, k -> new ArrayList<>());
      if (value.isEmpty()) {
        values.clear(); // systemd: an empty assignment forgets what came before.
      } else {
        values.add(value);
      }
    }
    return new SystemdUnit(name, sections);
  }

  private static String specifiers(String name, String value) {
    if (value.indexOf('%') < 0) {
      return value;
    }
    int at = name.indexOf('@');
    String prefix = at < 0 ? name : name.substring(0, at);
    String instance = at < 0 ? "" : name.substring(at + 1);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c != '%' || i + 1 == value.length()) {
        out.append(c);
        continue;
      }
      switch (value.charAt(++i)) {
        case '%' -> out.append('%');
        case 'i' -> out.append(instance);
        case 'I' -> out.append(instance.replace('-', '/'));
        case 'n' -> out.append(name).append(".service");
        case 'N' -> out.append(name);
        case 'p', 'P' -> out.append(prefix);
        case 't' -> out.append("/run");
        case 'S' -> out.append("/var/lib");
        case 'C' -> out.append("/var/cache");
        case 'L' -> out.append("/var/log");
        case 'E' -> out.append("/etc");
        case 'h' -> out.append("/root");
        default -> out.append('%').append(value.charAt(i));
      }
    }
    return out.toString();
  }

  /** The last value given in {@code [Service]}, or the fallback. */
  String last(String key, String fallback) {
    List<String> values = all(key);
    return values.isEmpty() ? fallback : values.getLast();
  }

  /** All values given in {@code [Service]}. */
  List<String> all(String key) {
    return all("Service", key);
  }

  private List<String> all(String section, String key) {
    return sections.getOrDefault(section, Map.of()).getOrDefault(key, List.of());
  }

  boolean oneShot() {
    return last("Type", "simple").equals("oneshot");
  }

  /**
   * Why a run script cannot do what systemd does for this unit; empty when one can.
   *
   * @param sockets names of the enabled {@code .socket} units, without the suffix
   */
  Optional<String> obstacle(Set<String> sockets) {
    if (last("Type", "simple").equals("dbus")) {
      return Optional.of("it has Type=dbus, and a guest has no D-Bus");
    }
    boolean needsSocket =
        all("Unit", "Requires").stream()
            .anyMatch(v -> List.of(v.split("\\s+")).contains(name + ".socket"));
    if (sockets.contains(name) || needsSocket || !all("Sockets").isEmpty()) {
      return Optional.of("it gets its sockets from systemd (" + name + ".socket)");
    }
    if (all("ExecStart").isEmpty()) {
      return Optional.of("it has no ExecStart");
    }
    return Optional.empty();
  }
}
