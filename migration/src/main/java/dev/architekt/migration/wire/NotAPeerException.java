package dev.architekt.migration.wire;

/**
 * What is at the other end does not speak this protocol: a web server, garbage, another service.
 */
public final class NotAPeerException extends WireException {
  private static final long serialVersionUID = 1L;

  NotAPeerException(String message) {
    super(message, null);
  }

  NotAPeerException(String message, Throwable cause) {
    super(message, cause);
  }
}
