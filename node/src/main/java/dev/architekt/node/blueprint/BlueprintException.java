package dev.architekt.node.blueprint;

import java.io.IOException;

/**
 * A blueprint could not be built. The message says what failed, with what output, and what to do
 * about it.
 */
public final class BlueprintException extends IOException {
  private static final long serialVersionUID = 1;

  BlueprintException(String message) {
    super(message);
  }

  BlueprintException(String message, Throwable cause) {
    super(message, cause);
  }
}
