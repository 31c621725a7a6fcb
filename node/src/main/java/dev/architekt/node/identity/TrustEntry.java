package dev.architekt.node.identity;

import dev.architekt.migration.wire.Fingerprint;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;

/**
 * Somebody who is trusted.
 *
 * @param name what people here call it
 * @param fingerprint of its key; of the authority's key for a CA
 * @param authority a CA, whose rights all have that it has signed; empty for one node
 */
public record TrustEntry(
    String name, Set<TrustRight> rights, String fingerprint, Optional<X509Certificate> authority) {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

  public TrustEntry {
    rights = Set.copyOf(rights);
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "name \"" + name + "\": expected 1 to 63 letters, digits, dots, dashes or underscores");
    }
    if (!Fingerprint.isOne(fingerprint)) {
      throw new IllegalArgumentException(
          "\"" + fingerprint + "\": expected SHA256: and 43 characters of base64");
    }
  }

  /** Whether a node, or an entry, can be called so. */
  public static boolean isName(String name) {
    return name.matches(NAME);
  }

  static TrustEntry node(String name, Set<TrustRight> rights, String fingerprint) {
    return new TrustEntry(name, rights, fingerprint, Optional.empty());
  }

  static TrustEntry authority(String name, Set<TrustRight> rights, X509Certificate certificate) {
    return new TrustEntry(name, rights, Fingerprint.of(certificate), Optional.of(certificate));
  }
}
