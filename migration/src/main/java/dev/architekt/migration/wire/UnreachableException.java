package dev.architekt.migration.wire;

/** Nobody answers at the address. */
public final class UnreachableException extends WireException {
  private static final long serialVersionUID = 1L;

  UnreachableException(String message) {
    super(message, null);
  }

  UnreachableException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean mayRetry() {
    return true;
  }
}
