package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Bytes as they are, over a blocking channel; several buffers go in one system call. */
final class PlainTransport implements Transport {
  private final SocketChannel channel;
  // Read already, by whoever looked at what this is; for the reader's thread.
  private final ByteBuffer first;

  PlainTransport(SocketChannel channel) {
    this(channel, ByteBuffer.allocate(0));
  }

  PlainTransport(SocketChannel channel, ByteBuffer first) {
    this.channel = channel;
    this.first = first;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (first.hasRemaining() && target.hasRemaining()) {
      target.put(first.get());
      return 1;
    }
    return channel.read(target);
  }

  @Override
  public void write(ByteBuffer... sources) throws IOException {
    ByteBuffer last = sources[sources.length - 1];
    do {
      channel.write(sources);
    } while (last.hasRemaining());
  }

  @Override
  public void handshake() {}

  @Override
  public Optional<Proof> proof() {
    return Optional.empty();
  }

  @Override
  public SocketChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone either way; what was not sent is the link's loss to report.
    }
  }
}
