package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * What a listener makes of a connection by its first byte, where both are welcome: TLS begins with
 * a handshake record, this protocol with a letter.
 */
final class Opening {
  private static final byte TLS_HANDSHAKE = 0x16;

  private Opening() {}

  static Transport of(SocketChannel channel, WireOptions options) throws IOException {
    boolean plain = options.plainText().allowedWith(channel.getRemoteAddress());
    ByteBuffer nothing = ByteBuffer.allocate(0);
    if (options.tls().isEmpty()) {
      if (!plain) {
        throw new TlsException(channel.getRemoteAddress() + ": needs TLS, and this side has none");
      }
      return new PlainTransport(channel);
    }
    Tls tls = options.tls().get();
    if (!plain) {
      return tls.accept(channel, nothing);
    }
    ByteBuffer first = ByteBuffer.allocate(1);
    int read = channel.read(first);
    first.flip();
    return read > 0 && first.get(0) == TLS_HANDSHAKE
        ? tls.accept(channel, first)
        : new PlainTransport(channel, first);
  }
}
