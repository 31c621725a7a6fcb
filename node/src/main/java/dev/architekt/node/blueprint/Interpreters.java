package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds essential packages that running services need although nothing depends on them by name: the
 * interpreter of a script that a service starts, or of one in an overlay.
 */
final class Interpreters {
  private static final Map<String, String> PACKAGES = Map.of("perl", "perl-base", "bash", "bash");
  private static final int LINE_MAX = 256;

  private Interpreters() {}

  /** Packages to keep because of the run scripts' commands and the overlays' executables. */
  static Set<String> needed(Path root, List<String> services, List<Path> overlays)
      throws IOException {
    Set<String> packages = new TreeSet<>();
    for (String service : services) {
      Path script = root.resolve("etc/architekt/services").resolve(service);
      if (!Files.isRegularFile(script, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      add(script, packages);
      byte[] content = Files.readAllBytes(script);
      for (String word : new String(content, StandardCharsets.ISO_8859_1).split("\\s+")) {
        if (word.startsWith("/")) {
          add(root.resolve(word.substring(1)), packages);
        }
      }
    }
    for (Path overlay : overlays) {
      try (Stream<Path> files = Files.walk(overlay)) {
        for (Path file : files.filter(Files::isExecutable).toList()) {
          add(file, packages);
        }
      }
    }
    return packages;
  }

  private static void add(Path file, Set<String> packages) throws IOException {
    String interpreter = interpreter(file);
    if (interpreter != null && PACKAGES.containsKey(interpreter)) {
      packages.add(PACKAGES.get(interpreter));
    }
  }

  /**
   * The name in the file's first line, {@code env} looked through, or null when it is no script.
   */
  static String interpreter(Path file) throws IOException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      return null;
    }
    byte[] start;
    try (var in = Files.newInputStream(file)) {
      start = in.readNBytes(LINE_MAX);
    }
    String line = new String(start, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
    if (!line.startsWith("#!")) {
      return null;
    }
    String[] words = line.substring(2).strip().split("\\s+");
    String path = words[0].endsWith("/env") && words.length > 1 ? words[1] : words[0];
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
