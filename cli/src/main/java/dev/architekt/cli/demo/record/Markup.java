package dev.architekt.cli.demo.record;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes elements that are both HTML and well-formed XML: whatever text gets in is escaped, and
 * what was opened last is closed first.
 */
final class Markup {
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * @param attributes names and values in turns
   */
  Markup open(String tag, Object... attributes) {
    start(tag, attributes).append('>');
    open.push(tag);
    return this;
  }

  Markup close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element without content, which HTML does not close: {@code meta}, or a shape of SVG. */
  Markup empty(String tag, Object... attributes) {
    start(tag, attributes).append("/>");
    return this;
  }

  Markup leaf(String tag, String text, Object... attributes) {
    return open(tag, attributes).text(text).close();
  }

  Markup line() {
    out.append('\n');
    return this;
  }

  private StringBuilder start(String tag, Object... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      Object value = attributes[i + 1];
      escape(value instanceof Double number ? decimal(number) : value.toString());
      out.append('"');
    }
    return out;
  }

  Markup text(String text) {
    escape(text);
    return this;
  }

  /** Script and style of this project's own, in which nothing may be escaped. */
  Markup raw(String text) {
    if (text.indexOf('<') >= 0 || text.indexOf('&') >= 0) {
      throw new IllegalArgumentException("a < or an & in what both HTML and XML are to read alike");
    }
    out.append(text);
    return this;
  }

  private void escape(String text) {
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '&' -> out.append("&amp;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            default -> out.appendCodePoint(isCharacter(c) ? c : 0xfffd);
          }
        });
  }

  /** What XML takes, less the controls that no browser shows. */
  private static boolean isCharacter(int c) {
    return c == '\n'
        || c == '\t'
        || c >= 0x20 && c < 0x7f
        || c >= 0xa0 && c < 0xd800
        || c >= 0xe000 && c < 0xfffe
        || c >= 0x10000;
  }

  /** To a tenth, as short as can be: nobody sees more of a pixel. */
  static String decimal(double value) {
    long tenths = Math.round(value * 10);
    String sign = tenths < 0 ? "-" : "";
    long size = Math.abs(tenths);
    return sign + size / 10 + (size % 10 == 0 ? "" : "." + size % 10);
  }

  /** All of it, once everything is closed. */
  String document() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("still open: " + open);
    }
    return "<!DOCTYPE html>\n" + out;
  }
}
