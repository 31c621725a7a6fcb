package dev.architekt.node.peer;

import java.io.IOException;

/** A move came to its end, and the VM is where it was. */
final class StayedException extends IOException {
  private static final long serialVersionUID = 1L;

  StayedException(String text) {
    super(text);
  }
}
