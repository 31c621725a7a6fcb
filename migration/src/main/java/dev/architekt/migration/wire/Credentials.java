package dev.architekt.migration.wire;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What this side shows: a certificate and the key to it.
 *
 * @param chain the own certificate first, then those between it and its CA
 */
public record Credentials(List<X509Certificate> chain, PrivateKey key) {
  public Credentials {
    chain = List.copyOf(chain);
  }

  /** Of the own key. */
  public String fingerprint() {
    return Fingerprint.of(chain.getFirst());
  }

  /** Never the key. */
  @Override
  public String toString() {
    return new Proof(chain).toString();
  }
}
