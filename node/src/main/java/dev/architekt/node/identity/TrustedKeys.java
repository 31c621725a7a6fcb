package dev.architekt.node.identity;

import dev.architekt.migration.wire.CaTrust;
import dev.architekt.migration.wire.Proof;
import dev.architekt.migration.wire.Trust;
import dev.architekt.migration.wire.Validity;
import dev.architekt.node.CommandName;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Trusts the keys of a {@link TrustFile}, those that one of its CAs has signed, and the own one.
 */
final class TrustedKeys implements Trust {
  private final Identity own;
  private final TrustFile file;
  private final InstantSource clock;
  private final boolean openToReaders;

  /**
   * For the node {@code own}.
   *
   * @param openToReaders whether a listener takes strangers too, who then may only read
   */
  TrustedKeys(Identity own, InstantSource clock, boolean openToReaders) throws IOException {
    this.own = own;
    this.file = own.trusted();
    this.clock = clock;
    this.openToReaders = openToReaders;
  }

  @Override
  public boolean requiresCertificate() {
    return !openToReaders;
  }

  @Override
  public Optional<Objection> judge(List<X509Certificate> chain, boolean dialed) {
    Optional<TrustEntry> entry;
    try {
      entry = find(chain);
    } catch (IOException e) {
      return Optional.of(new Objection(Doubt.UNKNOWN, "cannot be judged: " + e.getMessage()));
    }
    if (entry.isEmpty() && openToReaders && !dialed) {
      return Optional.empty();
    }
    Optional<Objection> invalid = Validity.judge(chain.getFirst(), clock);
    Proof proof = new Proof(chain);
    if (entry.isEmpty()) {
      return Optional.of(new Objection(Doubt.UNKNOWN, unknown(proof, dialed)));
    }
    if (invalid.isEmpty() && dialed && !entry.get().rights().contains(TrustRight.SERVE)) {
      return Optional.of(
          new Objection(
              Doubt.UNKNOWN,
              "is "
                  + entry.get().name()
                  + " ("
                  + proof.fingerprint()
                  + "), whose rights here are "
                  + TrustRight.text(entry.get().rights())
                  + ": what it offers is not run. To change that: "
                  + addLine(
                      entry.get().name(),
                      proof.fingerprint(),
                      TrustRight.text(entry.get().rights()) + ",serve")));
    }
    return invalid;
  }

  private String unknown(Proof proof, boolean dialed) {
    return "shows a key that is not trusted here: "
        + proof.fingerprint()
        + " (it calls itself "
        + proof.name()
        + "). If `"
        + CommandName.typed()
        + " identity show` prints the same on that host: "
        + addLine(TrustEntry.isName(proof.name()) ? proof.name() : "NAME", proof.fingerprint(), "");
  }

  /** What a person types here to trust somebody. */
  String addLine(String name, String fingerprint, String rights) {
    return CommandName.typed()
        + " trust add "
        + name
        + " "
        + fingerprint
        + (rights.isEmpty() ? "" : " --rights " + rights)
        + Security.folderOption(own.folder());
  }

  @Override
  public String whenRefused(String where, Doubt doubt) {
    return switch (doubt) {
      case UNKNOWN ->
          "it does not trust this node. On that host: architekt trust add "
              + own.name()
              + " "
              + own.fingerprint();
      case EXPIRED ->
          "for it the certificate has expired. Renew it here: "
              + CommandName.typed()
              + " identity renew"
              + Security.folderOption(own.folder())
              + " (valid here until "
              + own.certificate().getNotAfter().toInstant()
              + "; if that is not over, a clock is off)";
      case NOT_YET_VALID ->
          "for it the certificate is not valid yet; it is from "
              + own.certificate().getNotBefore().toInstant()
              + " on: compare the clocks of both hosts";
    };
  }

  /** Who that is here, and what it may do; empty for a stranger. */
  Optional<TrustEntry> find(List<X509Certificate> chain) throws IOException {
    String fingerprint = new Proof(chain).fingerprint();
    if (fingerprint.equals(own.fingerprint())) {
      return Optional.of(TrustEntry.node(own.name(), TrustRight.ALL, fingerprint));
    }
    for (TrustEntry entry : file.entries()) {
      if (entry.authority().isEmpty() && entry.fingerprint().equals(fingerprint)) {
        return Optional.of(entry);
      }
    }
    for (TrustEntry entry : file.entries()) {
      if (entry.authority().isPresent()
          && new CaTrust(List.of(entry.authority().get()), clock, entry.name())
              .signed(chain)
              .isEmpty()) {
        return Optional.of(TrustEntry.node(new Proof(chain).name(), entry.rights(), fingerprint));
      }
    }
    return Optional.empty();
  }
}
