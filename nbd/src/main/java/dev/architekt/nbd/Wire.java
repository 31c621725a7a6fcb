package dev.architekt.nbd;

import dev.architekt.linux.EventFd;
import dev.architekt.linux.Fd;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;

/** Whole messages in and out of a connection's socket. One thread receives; any thread sends. */
final class Wire {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Fd socket;
  private final ReentrantLock sending = new ReentrantLock();

  Wire(Fd socket) {
    this.socket = socket;
  }

  /** Fills {@code target}; false if the peer ended the connection before its first byte. */
  boolean receive(MemorySegment target) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      long n = socket.read(done == 0 ? target : target.asSlice(done));
      if (n == 0) {
        if (done == 0) {
          return false;
        }
        throw new EOFException("the client went away in the middle of a message");
      }
      done += n;
    }
    return true;
  }

  /** As above, but the peer must begin within {@code millis} and must not end here. */
  void receiveWithin(MemorySegment target, EventFd stop, int millis) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      if (!stop.awaitReadable(socket, millis)) {
        throw new HandshakeException("nothing came for " + millis + " ms, or the server stops");
      }
      long n = socket.read(target.asSlice(done));
      if (n == 0) {
        throw new EOFException("the client went away during the handshake");
      }
      done += n;
    }
  }

  /** Sends all of {@code message}, which no other message comes in between. */
  void send(MemorySegment message) throws IOException {
    sending.lock();
    try {
      for (long done = 0; done < message.byteSize(); ) {
        done += socket.write(done == 0 ? message : message.asSlice(done));
      }
    } finally {
      sending.unlock();
    }
  }
}
