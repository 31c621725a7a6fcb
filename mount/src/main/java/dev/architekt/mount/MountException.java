package dev.architekt.mount;

import java.io.IOException;

/**
 * A region could not be mounted, served or taken over: says what, where, and what to do about it.
 */
public final class MountException extends IOException {
  private static final long serialVersionUID = 1L;

  public MountException(String message) {
    super(message);
  }

  public MountException(String message, Throwable cause) {
    super(message, cause);
  }
}
