package dev.architekt.migration.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/**
 * The certificates of this side and of those whom it trusts: mutual TLS 1.3 on every lane. Both
 * sides show a certificate that the other's CA has signed; host names are not compared, since
 * instances move and addresses are not identities.
 */
public final class Tls {
  private final SSLContext context;

  private Tls(SSLContext context) {
    this.context = context;
  }

  /**
   * Reads {@code cert.pem} (own certificate, then intermediate ones), {@code key.pem} (its key,
   * PKCS#8, not encrypted) and {@code ca.pem} (one or more) from a directory.
   *
   * @throws TlsException a file is missing or is not what it should be; the message says which
   */
  public static Tls fromDirectory(Path directory) throws IOException {
    return new Tls(Pem.context(directory));
  }

  Transport accept(SocketChannel channel) {
    return new TlsTransport(channel, context.createSSLEngine(), false);
  }

  Transport connect(SocketChannel channel, InetSocketAddress address) {
    return new TlsTransport(
        channel, context.createSSLEngine(address.getHostString(), address.getPort()), true);
  }
}
