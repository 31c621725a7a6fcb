package dev.architekt.migration.wire;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Decides in the TLS handshake whether the other side is anybody this side talks to. */
public interface Trust {
  /** What is wrong with a certificate; the other side is told as much, and no more. */
  enum Doubt {
    UNKNOWN,
    EXPIRED,
    NOT_YET_VALID
  }

  /**
   * Why not.
   *
   * @param text for people on this side, after the words "the other side at ADDRESS": what it
   *     shows, and what to do
   */
  record Objection(Doubt doubt, String text) {}

  /**
   * Judges, on the thread of the handshake; must not block.
   *
   * @param chain whose first certificate's key the other side is about to prove
   * @param dialed whether this side is the dialler
   * @return empty to go on
   */
  Optional<Objection> judge(List<X509Certificate> chain, boolean dialed);

  /**
   * What people on this side do about it when the other side, which they call {@code where}, does
   * not accept this side's certificate.
   */
  String whenRefused(String where, Doubt doubt);

  /** Whether a listener turns away a dialler that has no certificate at all. */
  default boolean requiresCertificate() {
    return true;
  }
}
