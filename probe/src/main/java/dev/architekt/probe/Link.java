package dev.architekt.probe;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** One TCP connection that is made once. One thread sends and one (perhaps the same) receives. */
final class Link implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final int RECEIVE_BUFFER = 64 * 1024;

  private final SocketChannel channel;
  private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BUFFER).limit(0);
  private final SocketIdentity atStart;

  Link(InetSocketAddress address) throws IOException {
    channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.socket().connect(address, (int) CONNECT_LIMIT.toMillis());
      atStart = identity();
    } catch (IOException e) {
      channel.close();
      throw new IOException("no connection to " + address + ": " + e.getMessage(), e);
    }
  }

  /** Parses {@code HOST:PORT}. */
  static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("'" + text + "' is no address: expected HOST:PORT");
    }
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  SocketIdentity atStart() {
    return atStart;
  }

  /** What the kernel says now. */
  SocketIdentity identity() throws IOException {
    return SocketIdentity.of(((InetSocketAddress) channel.getLocalAddress()).getPort());
  }

  void send(ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      channel.write(data);
    }
  }

  /** Whether bytes are here that {@link #next} returns without waiting. */
  boolean hasReceived() {
    return received.hasRemaining();
  }

  /**
   * The next byte, waiting for it if need be.
   *
   * @throws EOFException when the other side closed the connection
   */
  byte next() throws IOException {
    while (!received.hasRemaining()) {
      received.clear();
      int count;
      try {
        count = channel.read(received);
      } finally {
        received.flip();
      }
      if (count < 0) {
        throw new EOFException("the server closed the connection");
      }
    }
    return received.get();
  }

  /** Reads to the end of a line and returns its first byte; the rest is skipped. */
  byte lineStart() throws IOException {
    byte first = next();
    for (byte b = first; b != '\n'; b = next()) {
      // to the end of the line
    }
    return first;
  }

  /** A whole line without its end; allocates. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (byte b = next(); b != '\n'; b = next()) {
      if (line.length() > 4096) {
        throw new IOException("the server sent a line of more than 4096 bytes");
      }
      if (b != '\r') {
        line.append((char) (b & 0xff));
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
