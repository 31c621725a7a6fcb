package dev.architekt.linux;

import java.util.List;

/**
 * Judges the certificates of the other side during a handshake, on the thread that is in {@link
 * TlsSession#handshake}. That the other side holds the key of the first one is proved by TLS
 * itself, right after.
 */
@FunctionalInterface
public interface TlsVerifier {
  /** What is answered; all but the first end the handshake, with an alert that fits. */
  enum Verdict {
    ACCEPTED(0),
    EXPIRED(10),
    NOT_YET_VALID(9),
    UNKNOWN(20);

    private final int code;

    Verdict(int code) {
      this.code = code;
    }

    /** x509_vfy.h, X509_V_…: OpenSSL makes the alert of it. */
    int code() {
      return code;
    }
  }

  /**
   * @param chain DER, the other side's own first, then what it sent along, at most 10
   */
  Verdict judge(List<byte[]> chain);
}
