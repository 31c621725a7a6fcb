package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where packages come from: those of the host's own apt sources that carry the release, in apt's
 * own format.
 */
public final class AptSources {
  private final Path etcApt;
  private final String release;

  AptSources(Path etcApt, String release) {
    this.etcApt = etcApt;
    this.release = release;
  }

  /**
   * Text for a {@code .sources} file (deb822) with this host's sources of a release.
   *
   * @throws BlueprintException when no source of the host carries the release
   */
  public static String ofHost(String release) throws IOException {
    return new AptSources(Path.of("/etc/apt"), release).text();
  }

  /**
   * Text for a {@code .sources} file (deb822). One-line entries are rewritten to it, so that one
   * file can hold all.
   *
   * @throws BlueprintException when no source of the host carries the release
   */
  String text() throws IOException {
    List<String> stanzas = new ArrayList<>();
    for (Path file : files()) {
      String content = Files.readString(file, StandardCharsets.UTF_8);
      if (file.toString().endsWith(".sources")) {
        addStanzas(content, stanzas);
      } else {
        content.lines().map(this::fromOneLine).filter(s -> s != null).forEach(stanzas::add);
      }
    }
    if (stanzas.isEmpty()) {
      throw new BlueprintException(
          "none of this host's apt sources (under "
              + etcApt
              + ") carries Debian "
              + release
              + "; name a mirror that does with --mirror");
    }
    return String.join("\n", stanzas);
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Path list = etcApt.resolve("sources.list");
    if (Files.isRegularFile(list)) {
      files.add(list);
    }
    Path parts = etcApt.resolve("sources.list.d");
    if (Files.isDirectory(parts)) {
      try (Stream<Path> entries = Files.list(parts)) {
        entries
            .filter(p -> p.toString().endsWith(".list") || p.toString().endsWith(".sources"))
            .sorted()
            .forEach(files::add);
      }
    }
    return files;
  }

  private boolean wanted(String suite) {
    return Set.of(release, release + "-updates", release + "-security", release + "/updates")
        .contains(suite);
  }

  private void addStanzas(String content, List<String> stanzas) {
    for (String stanza : content.split("\\R\\s*\\R")) {
      Set<String> types = field(stanza, "Types");
      Set<String> suites = field(stanza, "Suites");
      suites.removeIf(suite -> !wanted(suite));
      boolean disabled = field(stanza, "Enabled").contains("no");
      if (types.contains("deb") && !suites.isEmpty() && !disabled) {
        StringBuilder kept = new StringBuilder();
        stanza
            .lines()
            .filter(line -> !line.startsWith("#") && !line.isBlank())
            .map(line ->
                line.regionMatches(true, 0, "Suites:", 0, 7)
                    ? "Suites: " + String.join(" ", suites)
                    : line.regionMatches(true, 0, "Types:", 0, 6) ? "Types: deb" : line)
            .forEach(line -> kept.append(line).append('\n'));
        stanzas.add(kept.toString());
      }
    }
  }

  private static Set<String> field(String stanza, String name) {
    Set<String> values = new LinkedHashSet<>();
    stanza
        .lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .forEach(line ->
            values.addAll(Arrays.asList(line.substring(name.length() + 1).strip().split("\\s+"))));
    return values;
  }

  /**
   * {@code deb [signed-by=…] address suite component…} as a stanza, or null if it is not wanted.
   */
  private String fromOneLine(String line) {
    String text = line.replaceFirst("#.*", "").strip();
    if (!text.startsWith("deb ") && !text.startsWith("deb\t") && !text.startsWith("deb[")) {
      return null;
    }
    text = text.substring(3).strip();
    String options = "";
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      if (end < 0) {
        return null;
      }
      options = text.substring(1, end).strip();
      text = text.substring(end + 1).strip();
    }
    String[] words = text.split("\\s+");
    if (words.length < 3 || !wanted(words[1])) {
      return null;
    }
    StringBuilder stanza = new StringBuilder("Types: deb\n");
    stanza.append("URIs: ").append(words[0]).append("\nSuites: ").append(words[1]);
    stanza.append("\nComponents: ");
    stanza.append(String.join(" ", Arrays.copyOfRange(words, 2, words.length))).append('\n');
    for (String option : options.isEmpty() ? new String[0] : options.split("\\s+")) {
      if (option.startsWith("signed-by=")) {
        stanza.append("Signed-By: ").append(option.substring("signed-by=".length())).append('\n');
      }
    }
    return stanza.toString();
  }
}
