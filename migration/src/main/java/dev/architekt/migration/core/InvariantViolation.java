package dev.architekt.migration.core;

/**
 * A core was about to break a promise: a bug. The shell stops the session and touches no machine.
 */
public final class InvariantViolation extends IllegalStateException {
  private static final long serialVersionUID = 1;

  InvariantViolation(String text) {
    super(text);
  }

  static void check(boolean holds, String text) {
    if (!holds) {
      throw new InvariantViolation(text);
    }
  }
}
