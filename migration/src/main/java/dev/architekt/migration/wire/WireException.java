package dev.architekt.migration.wire;

import java.io.IOException;

/** Something between two peers went wrong; the subclasses say whose doing it was. */
public abstract sealed class WireException extends IOException
    permits LaneLostException,
        NotAPeerException,
        ProtocolException,
        RefusedException,
        StalledException,
        TlsException,
        UnreachableException,
        VersionException {
  private static final long serialVersionUID = 1L;

  WireException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether the same dial may succeed later without anybody changing anything. */
  public boolean mayRetry() {
    return false;
  }
}
