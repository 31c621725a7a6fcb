package dev.architekt.region;

import java.io.IOException;

/**
 * A store on disk is not what it should be: says which file, what was expected and what was found.
 */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreException(Object where, String expected, String found) {
    super(where + ": expected " + expected + ", found " + found);
  }
}
