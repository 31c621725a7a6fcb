package dev.architekt.migration.wire;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Whether a certificate is valid at a time, and in words why not. */
public final class Validity {
  /** Clocks of hosts that are kept by nobody differ by seconds; by minutes something is wrong. */
  public static final Duration SLACK = Duration.ofMinutes(5);

  private Validity() {}

  public static Optional<Trust.Objection> judge(X509Certificate certificate, InstantSource clock) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    Proof proof = new Proof(java.util.List.of(certificate));
    if (now.plus(SLACK).isBefore(from)) {
      return Optional.of(
          new Trust.Objection(
              Trust.Doubt.NOT_YET_VALID,
              "shows a certificate that is valid from "
                  + from
                  + " on ("
                  + proof
                  + "), and the clock of this host says "
                  + now
                  + ": one of the two clocks is off; set it right (timedatectl shows it)"));
    }
    if (now.isAfter(to)) {
      return Optional.of(
          new Trust.Objection(
              Trust.Doubt.EXPIRED,
              "shows a certificate that has expired at "
                  + to
                  + " ("
                  + proof
                  + "), and the clock of this host says "
                  + now
                  + ": renew it there (architekt identity renew), or set the clock right"));
    }
    return Optional.empty();
  }
}
