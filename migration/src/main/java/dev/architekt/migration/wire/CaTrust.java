package dev.architekt.migration.wire;

import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Trusts whomever one of some certificate authorities has signed. Host names are not compared,
 * since instances move and addresses are not identities; nothing is asked of the network.
 */
public final class CaTrust implements Trust {
  private final Set<TrustAnchor> authorities;
  private final InstantSource clock;
  private final String where;

  /**
   * For {@code authorities}.
   *
   * @param where people find their certificates, for messages
   */
  public CaTrust(List<X509Certificate> authorities, InstantSource clock, String where) {
    this.authorities =
        authorities.stream().map(ca -> new TrustAnchor(ca, null)).collect(Collectors.toSet());
    this.clock = clock;
    this.where = where;
  }

  @Override
  public Optional<Objection> judge(List<X509Certificate> chain, boolean dialed) {
    Optional<Objection> expired = Validity.judge(chain.getFirst(), clock);
    if (expired.isPresent()) {
      return expired;
    }
    return signed(chain)
        .map(why ->
            new Objection(
                Doubt.UNKNOWN,
                "shows a certificate that is not signed by a CA in "
                    + where
                    + ": "
                    + new Proof(chain)
                    + " ("
                    + why
                    + ")"));
  }

  /** Why no authority vouches for the first of {@code chain}; empty when one does. */
  public Optional<String> signed(List<X509Certificate> chain) {
    List<X509Certificate> path = new ArrayList<>(chain);
    // Whoever sends the authority's own certificate along means well.
    path.removeIf(c ->
        path.getFirst() != c
            && authorities.stream().anyMatch(anchor -> anchor.getTrustedCert().equals(c)));
    try {
      CertPath found = CertificateFactory.getInstance("X.509").generateCertPath(path);
      PKIXParameters parameters = new PKIXParameters(authorities);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(near(path)));
      CertPathValidator.getInstance("PKIX").validate(found, parameters);
      return Optional.empty();
    } catch (CertPathValidatorException e) {
      return Optional.of(e.getMessage());
    } catch (GeneralSecurityException e) {
      return Optional.of(e.toString());
    }
  }

  /** Now; or when the youngest of {@code path} begins, if that is as good as now. */
  private Instant near(List<X509Certificate> path) {
    Instant now = clock.instant();
    return path.stream()
        .map(certificate -> certificate.getNotBefore().toInstant())
        .filter(begin -> begin.isAfter(now) && !begin.isAfter(now.plus(Validity.SLACK)))
        .max(Instant::compareTo)
        .orElse(now);
  }

  @Override
  public String whenRefused(String other, Doubt doubt) {
    return switch (doubt) {
      case UNKNOWN -> "it does not know the CA that has signed this side's cert.pem";
      case EXPIRED -> "for it this side's cert.pem has expired: sign a new one";
      case NOT_YET_VALID ->
          "for it this side's cert.pem is not valid yet: compare the clocks of both hosts";
    };
  }
}
