package dev.architekt.migration.wire;

/** The TLS handshake failed: a certificate that is bad, expired, unknown, or missing. */
public final class TlsException extends WireException {
  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message, null);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
