package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code [Service]} section of a unit file, with the specifiers resolved that a service of its
 * own needs.
 *
 * @param name without {@code .service}
 */
record SystemdUnit(String name, Map<String, List<String>> service) {

  static SystemdUnit read(String name, Path file) throws IOException {
    return parse(name, Files.readString(file, StandardCharsets.UTF_8));
  }

  static SystemdUnit parse(String name, String text) {
    Map<String, List<String>> service = new LinkedHashMap<>();
    String section = "";
    // A line that ends with a backslash goes on in the next.
    for (String raw : text.replaceAll("\\\\\\R", " ").split("\\R")) {
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      if (line.startsWith("[")) {
        section = line;
        continue;
      }
      int equals = line.indexOf('=');
      if (!section.equals("[Service]") || equals < 0) {
        continue;
      }
      String key = line.substring(0, equals).strip();
      String value = specifiers(name, line.substring(equals + 1).strip());
      List<String> values = service.computeIfAbsent(key, k -> new ArrayList<>());
      if (value.isEmpty()) {
        values.clear(); // systemd: an empty assignment forgets what came before.
      } else {
        values.add(value);
      }
    }
    return new SystemdUnit(name, service);
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
        case 'i', 'I' -> out.append(instance);
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

  /** The last value given, or the fallback. */
  String last(String key, String fallback) {
    List<String> values = service.getOrDefault(key, List.of());
    return values.isEmpty() ? fallback : values.getLast();
  }

  List<String> all(String key) {
    return service.getOrDefault(key, List.of());
  }

  boolean oneShot() {
    return last("Type", "simple").equals("oneshot");
  }
}
