package dev.architekt.migration.wire;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the other side has proved by TLS: that it holds the key of the first certificate.
 *
 * @param chain its own certificate, then what it sent along, at most 10
 */
public record Proof(List<X509Certificate> chain) {
  public Proof {
    chain = List.copyOf(chain);
  }

  /** Of its key. */
  public String fingerprint() {
    return Fingerprint.of(chain.getFirst());
  }

  /**
   * What its certificate calls it: a claim of its own, unless a CA that is trusted has signed it.
   * Without the {@code CN=}, and with nothing in it that a terminal or a shell would take for more
   * than letters.
   */
  public String name() {
    String name = chain.getFirst().getSubjectX500Principal().getName();
    return name.replaceFirst("(?s)^(?:.*,)?CN=([^,]*).*$", "$1").replaceAll("[^A-Za-z0-9._-]", "_");
  }

  @Override
  public String toString() {
    return name() + ", " + fingerprint();
  }
}
