package dev.architekt.migration.wire;

/** The other side did not say what it had to within its time. */
public final class StalledException extends WireException {
  private static final long serialVersionUID = 1L;

  StalledException(String message) {
    super(message, null);
  }

  StalledException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean mayRetry() {
    return true;
  }
}
