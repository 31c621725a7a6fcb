package dev.architekt.migration.wire;

import dev.architekt.linux.TlsContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * TLS 1.3 on every lane, with a certificate on both sides: which one this side shows, and whom it
 * trusts.
 */
public final class Tls {
  private final TlsContext context;
  private final Credentials own;
  private final Trust trust;

  private Tls(TlsContext context, Credentials own, Trust trust) {
    this.context = context;
    this.own = own;
    this.trust = trust;
  }

  /**
   * Shows {@code own} to everybody, and talks to whom {@code trust} accepts.
   *
   * @throws TlsException the key is not that of the certificate, or OpenSSL does not take them
   */
  public static Tls of(Credentials own, Trust trust) throws TlsException {
    byte[] key = own.key().getEncoded();
    try {
      List<byte[]> chain = new ArrayList<>();
      for (X509Certificate certificate : own.chain()) {
        chain.add(certificate.getEncoded());
      }
      return new Tls(TlsContext.create(chain, key), own, trust);
    } catch (IOException | CertificateEncodingException e) {
      throw new TlsException(own + ": not a TLS identity: " + e.getMessage(), e);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /**
   * Reads {@code cert.pem} (own certificate, then intermediate ones), {@code key.pem} (its key,
   * PKCS#8, not encrypted) and {@code ca.pem} (one or more) from a directory; trusts whom one of
   * those CAs has signed.
   *
   * @throws TlsException a file is missing or is not what it should be; the message says which
   */
  public static Tls fromDirectory(Path directory, InstantSource clock) throws IOException {
    Credentials own = Pem.credentials(directory.resolve("cert.pem"), directory.resolve("key.pem"));
    List<X509Certificate> authorities = Pem.certificates(directory.resolve("ca.pem"));
    return of(own, new CaTrust(authorities, clock, "ca.pem"));
  }

  /** As above, with this host's clock. */
  public static Tls fromDirectory(Path directory) throws IOException {
    return fromDirectory(directory, InstantSource.system());
  }

  /** The same identity, for those whom {@code other} accepts. */
  public Tls withTrust(Trust other) {
    return new Tls(context, own, other);
  }

  /** What this side shows. */
  public Credentials own() {
    return own;
  }

  public Trust trust() {
    return trust;
  }

  /**
   * As the listener.
   *
   * @param first what has been read of the connection already
   */
  Transport accept(SocketChannel channel, ByteBuffer first) {
    TlsTransport.Judge judge = new TlsTransport.Judge(trust, false);
    return new TlsTransport(
        channel, context.accept(judge, trust.requiresCertificate()), judge, first);
  }

  Transport connect(SocketChannel channel) {
    TlsTransport.Judge judge = new TlsTransport.Judge(trust, true);
    return new TlsTransport(channel, context.connect(judge), judge, ByteBuffer.allocate(0));
  }
}
