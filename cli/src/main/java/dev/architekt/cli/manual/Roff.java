package dev.architekt.cli.manual;

import java.util.List;

/**
 * A manual page while it is written, in the {@code man} macros that both groff and mandoc
 * understand (man(7), groff_char(7)). Whatever is given is text: nothing of it becomes a request.
 */
final class Roff {
  private static final int ASCII_MAX = 0x7e;

  private final StringBuilder page = new StringBuilder();

  /**
   * The title line.
   *
   * @param date as it is printed, such as {@code 2026-01-01}
   */
  Roff title(String name, int section, String date, String source, String manual) {
    page.append(".TH ").append(escape(name)).append(' ').append(section);
    for (String word : List.of(date, source, manual)) {
      page.append(" \"").append(escape(word)).append('"');
    }
    // Neither stretched lines nor broken words: options and paths are to be copied.
    page.append("\n.nh\n.ad l\n");
    return this;
  }

  Roff section(String name) {
    page.append(".SH ").append(escape(name)).append('\n');
    return this;
  }

  Roff paragraph() {
    page.append(".PP\n");
    return this;
  }

  /** Text that is filled; never looks like a request. */
  Roff text(String text) {
    return line(escape(text));
  }

  /** A term in bold, and what follows it is indented. */
  Roff term(String bold, String argument) {
    page.append(".TP\n");
    return line(
        "\\fB"
            + escape(bold)
            + "\\fR"
            + (argument.isEmpty() ? "" : " \\fI" + escape(argument) + "\\fR"));
  }

  /** Lines as they are, for commands. */
  Roff verbatim(List<String> lines) {
    page.append(".PP\n.nf\n");
    lines.forEach(text -> line(escape(text)));
    page.append(".fi\n");
    return this;
  }

  private Roff line(String escaped) {
    boolean request = escaped.startsWith(".") || escaped.startsWith("\\(aq");
    page.append(request ? "\\&" : "").append(escaped).append('\n');
    return this;
  }

  /** The page so far. */
  String page() {
    return page.toString();
  }

  /** Characters that mean something to roff, and those that terminals would get in another form. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(point -> {
          switch (point) {
            case '\\' -> escaped.append("\\(rs");
            case '-' -> escaped.append("\\-");
            case '\'' -> escaped.append("\\(aq");
            case '`' -> escaped.append("\\(ga");
            case '^' -> escaped.append("\\(ha");
            case '~' -> escaped.append("\\(ti");
            case '"' -> escaped.append("\\(dq");
            case '\n', '\t' -> escaped.append(' ');
            default -> {
              if (point > ASCII_MAX) {
                escaped.append(String.format("\\[u%04X]", point));
              } else {
                escaped.appendCodePoint(point);
              }
            }
          }
        });
    return escaped.toString();
  }
}
