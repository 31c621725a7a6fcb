package dev.architekt.cli.demo.record;

/**
 * A part of the pause.
 *
 * @param where {@code source}, {@code link} or {@code destination}: a class in the style sheet too
 */
record Part(String where, String what, Span span) {
  String label() {
    return where + ": " + what;
  }
}
