package dev.architekt.it.docs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether output is what a document shows, run for run: words are equal, numbers and UUIDs need not
 * be, {@code …} stands for anything, and blanks are as wide as they like.
 */
final class Shape {
  private static final Pattern PART =
      Pattern.compile(
          "(?<uuid>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
              + "|(?<address>\\b[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+\\b)"
              + "|(?<number>[0-9]+([.,][0-9]+)*)"
              + "|(?<any>…)|(?<blank>\\s+)");

  private final List<String> addresses = new ArrayList<>();
  private final Pattern pattern;

  Shape(String shown) {
    StringBuilder regex = new StringBuilder(".*?");
    Matcher part = PART.matcher(shown.strip());
    int from = 0;
    while (part.find()) {
      regex.append(Pattern.quote(shown.strip().substring(from, part.start())));
      if (part.group("uuid") != null) {
        regex.append("[0-9a-f-]{36}");
      } else if (part.group("address") != null) {
        addresses.add(part.group());
        regex.append("([0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+)");
      } else if (part.group("number") != null) {
        regex.append("[0-9]+(?:[.,][0-9]+)*");
      } else {
        regex.append(part.group("any") != null ? ".*" : "\\s+");
      }
      from = part.end();
    }
    regex.append(Pattern.quote(shown.strip().substring(from))).append(".*");
    this.pattern = Pattern.compile(regex.toString());
  }

  /** Addresses of the document and what they are here, if the line is of this shape. */
  Optional<Map<String, String>> match(String line) {
    Matcher matcher = pattern.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> found = new HashMap<>();
    for (int n = 0; n < addresses.size(); n++) {
      found.put(addresses.get(n), matcher.group(n + 1));
    }
    return Optional.of(found);
  }

  /**
   * Looks for all lines shown, in their order, other lines between them allowed.
   *
   * @param learned gets what the document's addresses are here
   * @return the first shown line that is missing
   */
  static Optional<String> firstMissing(
      List<String> shown, String output, Map<String, String> learned) {
    List<String> lines = output.lines().toList();
    int at = 0;
    for (String line : shown) {
      if (line.strip().equals("…")) {
        continue;
      }
      Shape shape = new Shape(line);
      Optional<Map<String, String>> match = Optional.empty();
      while (match.isEmpty() && at < lines.size()) {
        match = shape.match(lines.get(at++));
      }
      if (match.isEmpty()) {
        return Optional.of(line);
      }
      learned.putAll(match.get());
    }
    return Optional.empty();
  }
}
