package dev.architekt.node.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A line between two ends of TCP connections: everything takes a while, and it can be cut. */
final class Relay implements AutoCloseable {
  private static final int PIECE_BYTES = 16 << 10;
  private static final int SOCKET_BYTES = 64 << 10;

  /** What is on the way on a line without a delay, in pieces; with one, as much as comes. */
  private static final int PIECES_NEAR = 2;

  private static final int PIECES_FAR = 1024;
  private static final byte[] END = {};

  private record Piece(long dueNanos, byte[] bytes) {}

  private final InetSocketAddress target;
  private final long delayNanos;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  Relay(InetSocketAddress target, long delayMillis) throws IOException {
    this.target = target;
    this.delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
    this.listener = new ServerSocket();
    listener.setReceiveBufferSize(SOCKET_BYTES);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("relay").start(this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  /** Ends every connection that is up, with whatever is on the way in it. */
  void cut() {
    for (Socket socket : open) {
      try {
        socket.setSoLinger(true, 0); // a reset, as of a line that is gone
      } catch (IOException e) {
        // Closed already.
      }
      close(socket);
    }
    open.clear();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket here = listener.accept();
        Socket there = new Socket(target.getAddress(), target.getPort());
        there.setSendBufferSize(SOCKET_BYTES);
        here.setSendBufferSize(SOCKET_BYTES);
        here.setTcpNoDelay(true);
        there.setTcpNoDelay(true);
        open.add(here);
        open.add(there);
        carry(here, there);
        carry(there, here);
      } catch (IOException e) {
        // Closed, or the target is: whoever dials finds out.
      }
    }
  }

  private void carry(Socket from, Socket to) {
    BlockingQueue<Piece> line =
        new LinkedBlockingQueue<>(delayNanos == 0 ? PIECES_NEAR : PIECES_FAR);
    Thread.ofPlatform()
        .daemon()
        .name("relay-in")
        .start(() -> {
          byte[] buffer = new byte[PIECE_BYTES];
          try (InputStream in = from.getInputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
              byte[] bytes = java.util.Arrays.copyOf(buffer, read);
              line.put(new Piece(System.nanoTime() + delayNanos, bytes));
            }
          } catch (IOException e) {
            // Cut.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          try {
            line.put(new Piece(0, END));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Thread.ofPlatform()
        .daemon()
        .name("relay-out")
        .start(() -> {
          try (OutputStream out = to.getOutputStream()) {
            for (Piece piece = line.take(); piece.bytes() != END; piece = line.take()) {
              long wait = piece.dueNanos() - System.nanoTime();
              if (wait > 0) {
                TimeUnit.NANOSECONDS.sleep(wait);
              }
              out.write(piece.bytes());
            }
          } catch (IOException e) {
            // Cut; what comes after is for nobody.
            close(from);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}
