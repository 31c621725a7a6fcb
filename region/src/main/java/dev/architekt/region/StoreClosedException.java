package dev.architekt.region;

import java.io.IOException;

/** A store was closed before or while a call waited in it; the call did nothing. */
public final class StoreClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreClosedException(String store) {
    super(store + " is closed");
  }
}
