package dev.architekt.hypervisor.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Takes so many bytes, then fails. */
final class FailingChannel implements WritableByteChannel {
  private long left;

  FailingChannel(long left) {
    this.left = left;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int n = source.remaining();
    left -= n;
    if (left < 0) {
      throw new IOException("receiver is gone");
    }
    source.position(source.limit());
    return n;
  }

  @Override
  public boolean isOpen() {
    return left >= 0;
  }

  @Override
  public void close() {}
}
