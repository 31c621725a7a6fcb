package dev.architekt.linux;

import java.io.IOException;

/** OpenSSL could not go on; {@link #reason()} says why, for programs. */
public final class TlsFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** sslerr.h: reasons from here on are alerts that the other side sent. */
  private static final int ALERT_OFFSET = 1000;

  private static final int ALERT_MAX = 255;

  private final int reason;

  TlsFailure(String message, int reason) {
    super(message);
    this.reason = reason;
  }

  /** The number of OpenSSL's SSL_R_… (openssl/sslerr.h); 0 when it gave none. */
  public int reason() {
    return reason;
  }

  /** The alert that the other side sent (RFC 8446, 6.2); negative when it sent none. */
  public int alert() {
    int alert = reason - ALERT_OFFSET;
    return alert >= 0 && alert <= ALERT_MAX ? alert : -1;
  }
}
