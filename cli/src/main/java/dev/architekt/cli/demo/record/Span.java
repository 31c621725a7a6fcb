package dev.architekt.cli.demo.record;

/**
 * From one moment to another, in milliseconds after a hop's beginning.
 *
 * @param to not before {@code from}
 */
record Span(double from, double to) {
  Span {
    to = Math.max(from, to);
  }

  double length() {
    return to - from;
  }
}
