package dev.architekt.region;

import java.io.IOException;

/**
 * The file system that holds a store has no space left. The failed call may have been done in part.
 */
public final class StoreFullException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
