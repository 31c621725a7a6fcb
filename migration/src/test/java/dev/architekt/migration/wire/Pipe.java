package dev.architekt.migration.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** A connection that keeps what is written, and reads what it was given. */
final class Pipe implements Transport {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final ByteBuffer toRead;

  Pipe(byte[] toRead) {
    this.toRead = ByteBuffer.wrap(toRead);
  }

  byte[] written() {
    return written.toByteArray();
  }

  @Override
  public int read(ByteBuffer target) {
    if (!toRead.hasRemaining()) {
      return -1;
    }
    int count = Math.min(target.remaining(), toRead.remaining());
    target.put(toRead.slice(toRead.position(), count));
    toRead.position(toRead.position() + count);
    return count;
  }

  @Override
  public void write(ByteBuffer... sources) {
    for (ByteBuffer source : sources) {
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      written.writeBytes(bytes);
    }
  }

  @Override
  public void handshake() {}

  @Override
  public Optional<Proof> proof() {
    return Optional.empty();
  }

  @Override
  public SocketChannel channel() {
    throw new UnsupportedOperationException();
  }

  @Override
  public java.net.SocketAddress remote() {
    return null;
  }

  @Override
  public void close() {}
}
