package dev.architekt.cli;

import java.io.PrintWriter;

/**
 * How a failure reaches a person: its message and its causes' messages; the stack only with
 * ARCHITEKT_DEBUG.
 */
final class Failures {
  private Failures() {}

  static int report(Exception failure, PrintWriter err) {
    if (failure instanceof InterruptedException) {
      err.println("architekt: interrupted");
      return 130;
    }
    err.println("architekt: " + describe(failure));
    String shown = String.valueOf(failure.getMessage());
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && !shown.contains(cause.getMessage())) {
        err.println("  because: " + describe(cause));
        shown += cause.getMessage();
      }
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      err.println("  also: " + describe(suppressed));
    }
    if (System.getenv("ARCHITEKT_DEBUG") != null) {
      for (StackTraceElement frame : failure.getStackTrace()) {
        err.println("    at " + frame);
      }
    }
    return 1;
  }

  private static String describe(Throwable failure) {
    String message = failure.getMessage();
    boolean bare = message == null || failure instanceof RuntimeException;
    return bare
        ? failure.getClass().getSimpleName() + (message == null ? "" : ": " + message)
        : message;
  }
}
