package dev.architekt.network;

import dev.architekt.network.NetworkException.Problem;

/**
 * One thing that the doctor looked at.
 *
 * @param problem null when all is well
 * @param fatal whether nothing works while it is so
 * @param what was found, and where
 * @param action what to do; empty when all is well
 */
public record Finding(Problem problem, boolean fatal, String what, String action) {
  static Finding fine(String what) {
    return new Finding(null, false, what, "");
  }

  static Finding fatal(Problem problem, String what, String action) {
    return new Finding(problem, true, what, action);
  }

  static Finding warning(Problem problem, String what, String action) {
    return new Finding(problem, false, what, action);
  }
}
