package dev.architekt.simulation;

/** A promise was broken in a simulated run. */
public final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1;

  Violation(String text) {
    super(text);
  }
}
