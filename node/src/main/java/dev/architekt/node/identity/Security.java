package dev.architekt.node.identity;

import dev.architekt.migration.wire.AddressText;
import dev.architekt.migration.wire.Authorizer.Verdict;
import dev.architekt.migration.wire.Hello;
import dev.architekt.migration.wire.Peer;
import dev.architekt.migration.wire.PlainText;
import dev.architekt.migration.wire.Proof;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.Tls;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.CommandName;
import dev.architekt.node.Output;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How a role of this node protects its connections, and whom it lets do what: TLS with the own
 * identity off this host, plain text on it.
 */
public final class Security {
  /**
   * What the person said.
   *
   * @param folder of the identity; empty for the usual one
   * @param tls a folder of cert.pem, key.pem and ca.pem instead: TLS everywhere, and all rights for
   *     all whom that CA has signed
   * @param insecure plain text everywhere
   */
  public record Options(Optional<Path> folder, Optional<Path> tls, boolean insecure) {
    public static final Options USUAL = new Options(Optional.empty(), Optional.empty(), false);
  }

  /** How the connections are, in a word for listings. */
  public enum Kind {
    /** Everything stays on this host. */
    LOCAL("this host only"),
    TLS("TLS"),
    INSECURE("INSECURE");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private final Kind kind;
  private final Optional<Tls> tls;
  private final PlainText plain;
  private final Optional<TrustedKeys> keys;
  private final boolean openToReaders;

  private Security(
      Kind kind,
      Optional<Tls> tls,
      PlainText plain,
      Optional<TrustedKeys> keys,
      boolean openToReaders) {
    this.kind = kind;
    this.tls = tls;
    this.plain = plain;
    this.keys = keys;
    this.openToReaders = openToReaders;
  }

  /**
   * Reads the identity, and makes one if there is none and it is needed.
   *
   * @param offHost whether anything of the role may leave this host
   * @param openToReaders whether its listener lets strangers describe and read
   * @param output is told of a new identity, and of what is not protected
   */
  public static Security open(
      Options options, boolean offHost, boolean openToReaders, InstantSource clock, Output output)
      throws IOException {
    if (options.insecure()) {
      if (offHost) {
        output.event(
            "insecure",
            "INSECURE (--insecure): nothing is encrypted and nobody is asked who it is; whoever reaches what"
                + " listens here may read and take it");
      }
      return new Security(
          Kind.INSECURE, Optional.empty(), PlainText.ANYWHERE, Optional.empty(), openToReaders);
    }
    if (options.tls().isPresent()) {
      Tls tls = Tls.fromDirectory(options.tls().get(), clock);
      return new Security(
          Kind.TLS, Optional.of(tls), PlainText.NEVER, Optional.empty(), openToReaders);
    }
    if (!offHost) {
      return new Security(
          Kind.LOCAL, Optional.empty(), PlainText.LOOPBACK, Optional.empty(), openToReaders);
    }
    Path folder = options.folder().isPresent() ? options.folder().get() : Identity.defaultFolder();
    Identity own = Identity.openOrCreate(folder, clock);
    if (own.isAuthority()) {
      throw new IOException(
          own.folder() + " holds a CA, which signs nodes and is none; name another --identity-dir");
    }
    if (own.isFresh()) {
      output.event(
          "identity",
          "made an identity for this node: "
              + own.fingerprint()
              + ", in "
              + own.folder()
              + ". Other hosts trust it with: architekt trust add "
              + own.name()
              + " "
              + own.fingerprint(),
          "fingerprint",
          own.fingerprint(),
          "name",
          own.name());
    }
    TrustedKeys keys = new TrustedKeys(own, clock, openToReaders);
    return new Security(
        Kind.TLS,
        Optional.of(Tls.of(own.credentials(), keys)),
        PlainText.LOOPBACK,
        Optional.of(keys),
        openToReaders);
  }

  /** For what never leaves this host, and is nobody else's. */
  public static Security onThisHost() {
    return new Security(Kind.LOCAL, Optional.empty(), PlainText.LOOPBACK, Optional.empty(), false);
  }

  /** What a person adds to a command so that it is about the identity in {@code folder}. */
  static String folderOption(Path folder) {
    try {
      return folder.equals(Identity.defaultFolder()) ? "" : " --identity-dir " + folder;
    } catch (IOException e) {
      return " --identity-dir " + folder;
    }
  }

  /** How {@code identity}'s connections are made. */
  public WireOptions wire(String identity) {
    return WireOptions.of(identity).withSecurity(tls, plain);
  }

  public Kind kind() {
    return kind;
  }

  /** The own key; empty where nothing leaves this host, or nothing is protected. */
  public Optional<String> fingerprint() {
    return tls.map(own -> own.own().fingerprint());
  }

  /** Where a listener's line says how it is protected: {@code TLS, this node is SHA256:…}. */
  public String text() {
    return kind
        + fingerprint().map(key -> ", this node is " + key).orElse("")
        + (openToReaders && kind == Kind.TLS ? "; everybody may read" : "");
  }

  /**
   * Says that something listens, and how it is protected.
   *
   * @param what is offered where
   * @param end how it is ended
   * @param more fields of the event, in pairs
   */
  public void sayListening(
      Output output, String what, String end, InetSocketAddress at, Object... more) {
    List<Object> fields =
        new ArrayList<>(
            List.of(
                "address",
                AddressText.of(at),
                "port",
                at.getPort(),
                "security",
                kind.toString(),
                "fingerprint",
                fingerprint().orElse("")));
    fields.addAll(List.of(more));
    output.event("listening", what + " (" + text() + "); " + end, fields.toArray());
  }

  /** Whether {@code peer} may have the right that it asks for. */
  public Verdict judge(Hello hello, Peer peer) {
    TrustRight wanted = TrustRight.of(hello.right());
    boolean reading = wanted == TrustRight.DESCRIBE || wanted == TrustRight.READ;
    if (kind == Kind.INSECURE || openToReaders && reading) {
      return new Verdict.Allow();
    }
    return peer.proof().isPresent()
        ? known(peer.proof().get(), wanted)
        : local(peer, hello.right());
  }

  private Verdict known(Proof proof, TrustRight wanted) {
    if (keys.isEmpty()) {
      return new Verdict.Allow(); // --tls-dir: the handshake has judged
    }
    Optional<TrustEntry> entry;
    try {
      entry = keys.get().find(proof.chain());
    } catch (IOException e) {
      return refuse("this side cannot read whom it trusts: " + e.getMessage());
    }
    Set<TrustRight> rights = entry.map(TrustEntry::rights).orElse(Set.of());
    if (rights.contains(wanted)) {
      return new Verdict.Allow();
    }
    String name = entry.map(TrustEntry::name).orElse(proof.name());
    Set<TrustRight> more = new java.util.HashSet<>(rights);
    more.add(wanted);
    return refuse(
        name
            + " ("
            + proof.fingerprint()
            + ") has no right to "
            + wanted.word()
            + " here"
            + (rights.isEmpty() ? "" : ", only to " + TrustRight.text(rights))
            + ". To give it, on the host that refuses: "
            + keys.get().addLine(name, proof.fingerprint(), TrustRight.text(more)));
  }

  /** Without TLS, over loopback: the kernel says which user it is. */
  private static Verdict local(Peer peer, Right wanted) {
    InetSocketAddress address = (InetSocketAddress) peer.address();
    try {
      OptionalInt user = SocketOwner.of(address);
      if (user.isPresent() && (user.getAsInt() == 0 || user.getAsInt() == PrivateFolder.user())) {
        return new Verdict.Allow();
      }
      String who = user.isPresent() ? "user " + user.getAsInt() : "an unknown user";
      return refuse(
          who
              + " of this host has no right to "
              + TrustRight.of(wanted).word()
              + " here: run the command as root, or as the user that runs this one");
    } catch (IOException e) {
      return refuse(
          "the user at " + AddressText.of(address) + " cannot be found out: " + e.getMessage());
    }
  }

  private static Verdict refuse(String text) {
    return new Verdict.Refuse(Refusal.NOT_AUTHORIZED, text);
  }

  /** For messages of commands that want an identity. */
  public static String createLine() {
    return CommandName.typed() + " identity create";
  }
}
