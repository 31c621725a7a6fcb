package dev.architekt.nbd;

import java.io.IOException;

/** A client does not speak the protocol as it must; its connection is ended. */
final class HandshakeException extends IOException {
  private static final long serialVersionUID = 1L;

  HandshakeException(String message) {
    super(message);
  }
}
