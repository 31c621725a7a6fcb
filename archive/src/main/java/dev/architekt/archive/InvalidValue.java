package dev.architekt.archive;

import java.util.regex.Pattern;

/** A field of the manifest with a value that cannot be; thrown by the records' constructors. */
final class InvalidValue extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  final String field;
  final String expected;
  final String found;

  InvalidValue(String field, String expected, String found) {
    super(field + ": expected " + expected + ", found " + found);
    this.field = field;
    this.expected = expected;
    this.found = found;
  }

  static void range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new InvalidValue(field, "a number from " + min + " to " + max, Long.toString(value));
    }
  }

  static void text(String field, String value, int lengthMax) {
    if (value == null || value.length() > lengthMax) {
      throw new InvalidValue(
          field,
          "a text of at most " + lengthMax + " characters",
          value == null ? "nothing" : value.length() + " characters");
    }
  }

  static void matches(String field, String value, Pattern pattern, String meaning) {
    if (value == null || !pattern.matcher(value).matches()) {
      throw new InvalidValue(field, meaning, value == null ? "nothing" : quoted(value));
    }
  }

  static void present(String field, Object value) {
    if (value == null) {
      throw new InvalidValue(field, "a value", "nothing");
    }
  }

  /** What came from outside is shown, but never more than a line of it. */
  static String quoted(String value) {
    return '"' + (value.length() <= 80 ? value : value.substring(0, 80) + "…") + '"';
  }
}
