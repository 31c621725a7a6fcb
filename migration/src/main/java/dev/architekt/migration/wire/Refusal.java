package dev.architekt.migration.wire;

/** Why a listener refuses a connection; the numbers are on the wire. */
public enum Refusal {
  /** No common version. */
  VERSION(1, false),
  /** The HELLO contradicts itself or what came before it. */
  MALFORMED(2, false),
  /** This identity may not have this right. */
  NOT_AUTHORIZED(3, false),
  /** The session is connected, and the token is not its token. */
  BAD_TOKEN(4, true),
  /** The link that this lane wants to join does not exist, or no longer. */
  UNKNOWN_LINK(5, true),
  /** Too many connections at once, or the session's last link is still being taken down. */
  BUSY(6, true),
  /** What is asked for is not here. */
  UNKNOWN_SUBJECT(7, false),
  /** The listener is shutting down. */
  CLOSING(8, true);

  private final int code;
  private final boolean mayRetry;

  Refusal(int code, boolean mayRetry) {
    this.code = code;
    this.mayRetry = mayRetry;
  }

  /** The number on the wire, 1 to 65,535. */
  public int code() {
    return code;
  }

  /** Whether asking again later makes sense. */
  public boolean mayRetry() {
    return mayRetry;
  }

  /** The refusal of this number, or null when this version knows none. */
  static Refusal ofCode(int code) {
    for (Refusal refusal : values()) {
      if (refusal.code == code) {
        return refusal;
      }
    }
    return null;
  }
}
