package dev.architekt.migration.wire;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * A connection as a pair of byte streams, with or without TLS. One thread may read while another
 * writes; {@link #close()} from any thread ends both at once.
 */
interface Transport extends Closeable {
  /** Whatever has arrived, at least one byte; −1 at the end. */
  int read(ByteBuffer target) throws IOException;

  /** All of it; the buffers' positions move to their limits. */
  void write(ByteBuffer... sources) throws IOException;

  /** Exchanges certificates, when there are any; before the first read or write. */
  void handshake() throws IOException;

  /** What the other side has proved to be. */
  Optional<Proof> proof();

  SocketChannel channel();

  default SocketAddress remote() {
    try {
      return channel().getRemoteAddress();
    } catch (IOException e) {
      // Closed meanwhile: whoever reads or writes next learns why.
      return null;
    }
  }

  @Override
  void close();
}
