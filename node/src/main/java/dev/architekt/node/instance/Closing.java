package dev.architekt.node.instance;

import java.io.IOException;

/**
 * Takes every step of an orderly end, whatever the ones before it did, and then throws the first
 * failure.
 */
public final class Closing {
  /** A step that may fail. */
  @FunctionalInterface
  public interface Step {
    void run() throws Exception;
  }

  private Exception first;

  public void run(Step step) {
    try {
      step.run();
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (first == null) {
        first = e;
      } else {
        first.addSuppressed(e);
      }
    }
  }

  public void finish() throws IOException {
    if (first instanceof IOException e) {
      throw e;
    }
    if (first instanceof RuntimeException e) {
      throw e;
    }
    if (first != null) {
      throw new IOException("could not clean up: " + first.getMessage(), first);
    }
  }
}
