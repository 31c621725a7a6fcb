package dev.architekt.migration.wire;

/** The other side broke the protocol; the message says what was expected where, and what came. */
public final class ProtocolException extends WireException {
  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message, null);
  }

  ProtocolException(String message, Throwable cause) {
    super(message, cause);
  }
}
