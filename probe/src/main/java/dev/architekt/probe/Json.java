package dev.architekt.probe;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One JSON object a line: all that the control channel needs, so that this room needs no library.
 * Written objects may nest; those that are read are flat, and their values come out as text.
 */
final class Json {
  /** Longer lines are refused. */
  static final int LINE_MAX = 64 * 1024;

  private Json() {}

  static String write(Map<String, ?> object) {
    StringBuilder out = new StringBuilder();
    value(out, object);
    return out.toString();
  }

  private static void value(StringBuilder out, Object value) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          string(out, entry.getKey().toString());
          out.append(':');
          value(out, entry.getValue());
          separator = ",";
        }
        out.append('}');
      }
      case Iterable<?> list -> {
        out.append('[');
        String separator = "";
        for (Object element : list) {
          out.append(separator);
          value(out, element);
          separator = ",";
        }
        out.append(']');
      }
      case Double d -> out.append(String.format(Locale.ROOT, "%.3f", d));
      case Number n -> out.append(n);
      case Boolean b -> out.append(b);
      default -> string(out, value.toString());
    }
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /**
   * @throws IllegalArgumentException when the line is not one flat object
   */
  static Map<String, String> readFlat(String line) {
    if (line.length() > LINE_MAX) {
      throw new IllegalArgumentException(
          "a line of " + line.length() + " characters: expected at most " + LINE_MAX);
    }
    return new FlatReader(line).object();
  }

  private static final class FlatReader {
    private final String text;
    private int at;

    FlatReader(String text) {
      this.text = text;
    }

    Map<String, String> object() {
      Map<String, String> object = new LinkedHashMap<>();
      expect('{');
      if (peek() == '}') {
        at++;
      } else {
        do {
          String key = string();
          expect(':');
          object.put(key, peek() == '"' ? string() : bare());
        } while (next(',', '}') == ',');
      }
      if (peek() != 0) {
        throw wrong("the end of the line");
      }
      return object;
    }

    private char peek() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      return at < text.length() ? text.charAt(at) : 0;
    }

    private void expect(char wanted) {
      if (peek() != wanted) {
        throw wrong("'" + wanted + "'");
      }
      at++;
    }

    private char next(char one, char other) {
      char found = peek();
      if (found != one && found != other) {
        throw wrong("'" + one + "' or '" + other + "'");
      }
      at++;
      return found;
    }

    private String string() {
      expect('"');
      StringBuilder out = new StringBuilder();
      while (at < text.length() && text.charAt(at) != '"') {
        char c = text.charAt(at++);
        if (c != '\\') {
          out.append(c);
          continue;
        }
        if (at == text.length()) {
          throw wrong("the rest of an escape");
        }
        char escaped = text.charAt(at++);
        switch (escaped) {
          case 'n' -> out.append('\n');
          case 't' -> out.append('\t');
          case 'r' -> out.append('\r');
          case 'b' -> out.append('\b');
          case 'f' -> out.append('\f');
          case '"', '\\', '/' -> out.append(escaped);
          case 'u' -> {
            if (at + 4 > text.length()) {
              throw wrong("four hexadecimal digits");
            }
            out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
            at += 4;
          }
          default -> throw wrong("an escape of JSON's");
        }
      }
      expect('"');
      return out.toString();
    }

    private String bare() {
      peek();
      int start = at;
      while (at < text.length() && ",}] \t".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(start, at);
      if (!word.matches("true|false|null|-?[0-9][0-9.eE+-]*")) {
        throw wrong("a string, a number, true, false or null (nested values are not taken here)");
      }
      return word;
    }

    private IllegalArgumentException wrong(String expected) {
      return new IllegalArgumentException(
          "not a flat JSON object: expected " + expected + " at column " + (at + 1) + ": " + text);
    }
  }
}
