package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What dpkg knows about a root: which packages, what they need, which files are theirs. */
final class PackageDatabase {
  /**
   * @param depends one list of alternatives for each thing that is needed
   */
  record Entry(String name, String version, List<List<String>> depends) {}

  private final Path info;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final Map<String, String> providers = new HashMap<>();

  PackageDatabase(Path root) throws IOException {
    Path dpkg = root.resolve("var/lib/dpkg");
    info = dpkg.resolve("info");
    for (String stanza :
        Files.readString(dpkg.resolve("status"), StandardCharsets.UTF_8).split("\n\n")) {
      add(stanza);
    }
  }

  private void add(String stanza) {
    Map<String, String> fields = new HashMap<>();
    for (String line : stanza.split("\n")) {
      int colon = line.indexOf(": ");
      if (colon > 0 && !Character.isWhitespace(line.charAt(0))) {
        fields.put(line.substring(0, colon), line.substring(colon + 2));
      }
    }
    if (!fields.getOrDefault("Status", "").endsWith(" installed")) {
      return;
    }
    String name = fields.get("Package");
    List<List<String>> depends = new ArrayList<>(relations(fields.get("Depends")));
    depends.addAll(relations(fields.get("Pre-Depends")));
    entries.put(name, new Entry(name, fields.get("Version"), depends));
    for (List<String> provided : relations(fields.get("Provides"))) {
      providers.putIfAbsent(provided.getFirst(), name);
    }
  }

  /** {@code "a (>= 1) | b, c:any"} as {@code [[a, b], [c]]}. */
  static List<List<String>> relations(String field) {
    if (field == null || field.isBlank()) {
      return List.of();
    }
    List<List<String>> all = new ArrayList<>();
    for (String one : field.split(",")) {
      List<String> alternatives = new ArrayList<>();
      for (String alternative : one.split("\\|")) {
        alternatives.add(alternative.strip().replaceFirst("[\\s:(\\[].*", ""));
      }
      all.add(alternatives);
    }
    return all;
  }

  Set<String> names() {
    return entries.keySet();
  }

  /** Name to version. */
  Map<String, String> versions(Collection<String> names) {
    return names.stream()
        .map(entries::get)
        .collect(
            Collectors.toMap(
                Entry::name, Entry::version, (a, b) -> a, TreeMap<String, String>::new));
  }

  /**
   * The given packages and all that they depend on, without {@code except} and what only those
   * need.
   */
  Set<String> closure(Collection<String> start, Set<String> except) {
    Set<String> found = new LinkedHashSet<>();
    var queue = new ArrayDeque<>(start);
    while (!queue.isEmpty()) {
      String name = queue.poll();
      Entry entry = entries.get(name);
      if (entry == null || except.contains(name) || !found.add(name)) {
        continue;
      }
      for (List<String> alternatives : entry.depends()) {
        for (String alternative : alternatives) {
          String actual =
              entries.containsKey(alternative) ? alternative : providers.get(alternative);
          if (actual != null) {
            queue.add(actual);
            break;
          }
        }
      }
    }
    return found;
  }

  /** Absolute paths inside the root, folders included. */
  List<String> files(String name) throws IOException {
    for (String suffix : List.of(".list", ":amd64.list")) {
      Path list = info.resolve(name + suffix);
      if (Files.isRegularFile(list)) {
        return Files.readAllLines(list, StandardCharsets.UTF_8);
      }
    }
    return List.of();
  }

  /** The package that the file came with, or null. */
  String owner(String path) throws IOException {
    for (String name : entries.keySet()) {
      List<String> files = files(name);
      // Merged /usr: a package may still list /bin/sh although the file lies in /usr/bin.
      if (files.contains(path)
          || path.startsWith("/usr/") && files.contains(path.substring("/usr".length()))) {
        return name;
      }
    }
    return null;
  }
}
