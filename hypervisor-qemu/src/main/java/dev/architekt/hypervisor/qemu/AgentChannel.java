package dev.architekt.hypervisor.qemu;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Lines to and from the guest's end of the agent's serial port, each wait with a deadline. For one
 * thread at a time, except {@link #close()}, which ends a wait in progress.
 */
final class AgentChannel implements AutoCloseable {
  /** A deadline has passed. */
  static final class SilenceException extends IOException {
    private static final long serialVersionUID = 1L;

    SilenceException() {
      super("no answer in time");
    }
  }

  private static final int READ_SIZE = 64 << 10;
  private static final long WAIT_MAX_MILLIS = 1000;

  private final SocketChannel socket;
  private final Selector selector;
  private final LineReader lines;
  private final ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);

  AgentChannel(String machine, UnixDomainSocketAddress address) throws IOException {
    lines = new LineReader(machine + ": guest agent");
    socket = SocketChannel.open(address);
    try {
      socket.configureBlocking(false);
      selector = Selector.open();
      socket.register(selector, SelectionKey.OP_READ);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Never waits: a request is far smaller than the socket's buffer, which is full only if nobody
   * reads.
   */
  void send(byte[] message) throws IOException {
    if (socket.write(ByteBuffer.wrap(message)) < message.length) {
      throw new IOException("the guest reads nothing from its agent's channel");
    }
  }

  /** The next line; {@code deadline} is on {@link System#nanoTime()}. */
  byte[] receive(long deadline) throws IOException {
    while (true) {
      byte[] line = lines.next();
      if (line != null) {
        return line;
      }
      int n = socket.read(buffer);
      if (n < 0) {
        throw new IOException("QEMU closed the channel");
      }
      if (n == 0) {
        await(deadline);
      }
      lines.append(buffer.array(), buffer.position());
      buffer.clear();
    }
  }

  private void await(long deadline) throws IOException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      throw new SilenceException();
    }
    if (Thread.interrupted()) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the guest");
    }
    try {
      selector.select(Math.min(left, WAIT_MAX_MILLIS));
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException e) {
      throw new IOException("the machine was let go", e);
    }
  }

  @Override
  public void close() {
    try {
      selector.close();
      socket.close();
    } catch (IOException e) {
      // Both descriptors are gone either way.
    }
  }

  static long deadline(Duration limit) {
    return System.nanoTime() + limit.toNanos();
  }
}
