package dev.architekt.node.identity;

import dev.architekt.linux.CertificateMaker;
import dev.architekt.linux.CertificateMaker.Content;
import dev.architekt.migration.wire.Credentials;
import dev.architekt.migration.wire.Fingerprint;
import dev.architekt.migration.wire.Pem;
import dev.architekt.migration.wire.Proof;
import dev.architekt.node.CommandName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Who a node is: a key (ECDSA, P-256) that never leaves its folder, and a certificate of it. The
 * fingerprint is of the key: it stays the same when the certificate is renewed or signed by a CA.
 */
public final class Identity {
  /** How long a certificate is valid unless it is said otherwise. */
  public static final int DAYS = 3650;

  public static final int DAYS_MAX = 36_500;

  private static final String KEY = "key.pem";
  private static final String CERTIFICATE = "cert.pem";
  static final String TRUSTED = "trusted";

  /** Other hosts' clocks may be a little behind. */
  private static final Duration BEFORE = Duration.ofHours(1);

  private final Path folder;
  private final Credentials credentials;
  private final boolean fresh;

  private Identity(Path folder, Credentials credentials, boolean fresh) {
    this.folder = folder;
    this.credentials = credentials;
    this.fresh = fresh;
  }

  /** Where a node's identity is, unless it is said otherwise: root's, or this user's own. */
  public static Path defaultFolder() throws IOException {
    String named = System.getenv("ARCHITEKT_IDENTITY_DIR");
    if (named != null && !named.isEmpty()) {
      return Path.of(named);
    }
    if (PrivateFolder.user() == 0) {
      return Path.of("/etc/architekt/identity");
    }
    String config = System.getenv("XDG_CONFIG_HOME");
    Path home =
        config != null && !config.isEmpty()
            ? Path.of(config)
            : Path.of(System.getProperty("user.home"), ".config");
    return home.resolve("architekt").resolve("identity");
  }

  /** Whether {@code folder} has one. */
  public static boolean exists(Path folder) throws IOException {
    return PrivateFolder.at(folder).has(KEY);
  }

  /** Reads the one in {@code folder}; fails when others could have read or changed it. */
  public static Identity open(Path folder) throws IOException {
    return read(PrivateFolder.at(folder), false);
  }

  private static Identity read(PrivateFolder home, boolean fresh) throws IOException {
    if (!home.has(KEY)) {
      throw new IOException(
          "no identity in "
              + home.path()
              + "; make one with: "
              + CommandName.typed()
              + " identity create");
    }
    PrivateFolder.require(home.file(KEY), false);
    PrivateFolder.require(home.file(CERTIFICATE), false);
    return new Identity(
        home.path(), Pem.credentials(home.file(CERTIFICATE), home.file(KEY)), fresh);
  }

  /** As sshd has its host keys: the one that is there, or a new one named after this host. */
  public static Identity openOrCreate(Path folder, InstantSource clock) throws IOException {
    PrivateFolder home = PrivateFolder.make(folder);
    if (home.has(KEY)) {
      return read(home, false);
    }
    return home.alone(
        () -> home.has(KEY) ? read(home, false) : make(home, hostName(), false, DAYS, clock));
  }

  /**
   * Makes a new one.
   *
   * @param name what it calls itself; people who trust it may call it otherwise
   * @param authority whether it is a CA: it signs nodes' certificates, and is none itself
   * @throws IOException there is one already
   */
  public static Identity create(
      Path folder, String name, boolean authority, int days, InstantSource clock)
      throws IOException {
    PrivateFolder home = PrivateFolder.make(folder);
    return home.alone(() -> {
      if (home.has(KEY)) {
        throw new IOException(
            home.path()
                + " has an identity already, which others may trust: "
                + read(home, false).credentials
                + ". Name another folder (--identity-dir), or delete that one first");
      }
      return make(home, name, authority, days, clock);
    });
  }

  private static Identity make(
      PrivateFolder home, String name, boolean authority, int days, InstantSource clock)
      throws IOException {
    KeyPair pair;
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      pair = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has P-256", e);
    }
    byte[] key = pair.getPrivate().getEncoded();
    byte[] certificate =
        CertificateMaker.make(
            content(pair.getPublic().getEncoded(), name, authority, days, clock), null, key);
    home.write(CERTIFICATE, pem("CERTIFICATE", certificate));
    // Last: whoever finds a key finds its certificate too.
    byte[] secret = pem("PRIVATE KEY", key);
    home.write(KEY, secret);
    Arrays.fill(secret, (byte) 0);
    Arrays.fill(key, (byte) 0);
    return read(home, true);
  }

  private static Content content(
      byte[] publicKey, String name, boolean authority, int days, InstantSource clock) {
    Instant now = clock.instant();
    return new Content(
        publicKey, name, now.minus(BEFORE), now.plus(Duration.ofDays(days)), authority);
  }

  /** A new certificate of the same key, signed by itself: whoever trusts the key goes on to. */
  public Identity renew(int days, InstantSource clock) throws IOException {
    X509Certificate old = certificate();
    return withKey(key -> {
      byte[] renewed =
          CertificateMaker.make(
              content(old.getPublicKey().getEncoded(), name(), isAuthority(), days, clock),
              null,
              key);
      PrivateFolder home = PrivateFolder.at(folder);
      home.write(CERTIFICATE, pem("CERTIFICATE", renewed));
      return read(home, false);
    });
  }

  /**
   * A certificate of somebody's key, signed by this CA, in PEM form.
   *
   * @param theirs a certificate that the key's owner has signed itself
   */
  public byte[] sign(X509Certificate theirs, int days, InstantSource clock) throws IOException {
    if (!isAuthority()) {
      throw new IOException(
          folder
              + " holds the identity of a node, which cannot sign others; a CA is made with: "
              + CommandName.typed()
              + " identity create --ca --identity-dir DIR");
    }
    if (theirs.getBasicConstraints() >= 0) {
      throw new IOException("expected the certificate of a node, found that of a CA");
    }
    String name = new Proof(List.of(theirs)).name();
    if (!TrustEntry.isName(name)) {
      throw new IOException("the certificate calls its node \"" + name + "\": not a name");
    }
    byte[] publicKey = theirs.getPublicKey().getEncoded();
    return withKey(key -> {
      try {
        byte[] signed =
            CertificateMaker.make(
                content(publicKey, name, false, days, clock), certificate().getEncoded(), key);
        return pem("CERTIFICATE", signed);
      } catch (GeneralSecurityException e) {
        throw new IOException(folder + ": the CA's certificate cannot be encoded", e);
      }
    });
  }

  /** Shows {@code chain}, of this key, instead of the own certificate from now on. */
  public Identity install(List<X509Certificate> chain) throws IOException {
    if (!Fingerprint.of(chain.getFirst()).equals(fingerprint())) {
      throw new IOException(
          "that is a certificate of the key "
              + Fingerprint.of(chain.getFirst())
              + ", and this node's key is "
              + fingerprint());
    }
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : chain) {
      text.append(pem(certificate));
    }
    PrivateFolder home = PrivateFolder.at(folder);
    home.write(CERTIFICATE, text.toString().getBytes(StandardCharsets.US_ASCII));
    return read(home, false);
  }

  private interface Use<T> {
    T with(byte[] key) throws IOException;
  }

  private <T> T withKey(Use<T> use) throws IOException {
    PrivateKey own = credentials.key();
    byte[] key = own.getEncoded();
    try {
      return use.with(key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] pem(String kind, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return ("-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static String pem(X509Certificate certificate) throws IOException {
    try {
      return new String(pem("CERTIFICATE", certificate.getEncoded()), StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException e) {
      throw new IOException("a certificate cannot be encoded: " + e.getMessage(), e);
    }
  }

  static X509Certificate certificate(byte[] der) throws IOException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException e) {
      throw new IOException("not a certificate: " + e.getMessage(), e);
    }
  }

  /** What nodes call themselves when nobody says it. */
  public static String hostName() {
    String name;
    try {
      name = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      name = "unnamed";
    }
    String fit = name.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[^A-Za-z0-9]+", "");
    return fit.isEmpty() ? "unnamed" : fit.substring(0, Math.min(fit.length(), 63));
  }

  public Path folder() {
    return folder;
  }

  public String name() {
    return new Proof(credentials.chain()).name();
  }

  public String fingerprint() {
    return credentials.fingerprint();
  }

  public boolean isAuthority() {
    return certificate().getBasicConstraints() >= 0;
  }

  /** Whether it was made just now. */
  public boolean isFresh() {
    return fresh;
  }

  public X509Certificate certificate() {
    return credentials.chain().getFirst();
  }

  /** The certificate in PEM form, for another host's {@code trust add} or a CA's {@code sign}. */
  public String pem() throws IOException {
    return pem(certificate());
  }

  /** What TLS shows. */
  public Credentials credentials() {
    return credentials;
  }

  /** Whom this node trusts. */
  public TrustFile trusted() throws IOException {
    return TrustFile.in(folder);
  }
}
