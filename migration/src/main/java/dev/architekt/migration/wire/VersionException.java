package dev.architekt.migration.wire;

/** Both sides speak this protocol, but no version of it in common. */
public final class VersionException extends WireException {
  private static final long serialVersionUID = 1L;

  VersionException(String message) {
    super(message, null);
  }

  VersionException(String message, Throwable cause) {
    super(message, cause);
  }
}
