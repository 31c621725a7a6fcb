package dev.architekt.probe;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * As much of Redis as a probe and redis-cli talk to, with faults: it can stop answering, forget a
 * key, answer with errors and hang up.
 */
final class FakeRedis implements AutoCloseable {
  private final ServerSocket server;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  final Map<String, byte[]> data = new ConcurrentHashMap<>();
  private volatile boolean refusing;
  private boolean frozen;

  FakeRedis() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  synchronized void freeze() {
    frozen = true;
  }

  synchronized void thaw() {
    frozen = false;
    notifyAll();
  }

  void refuseWrites() {
    refusing = true;
  }

  void hangUp() throws IOException {
    for (Socket connection : connections) {
      connection.close();
    }
  }

  private synchronized void waitWhileFrozen() {
    while (frozen) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        connections.add(socket);
        Thread.ofPlatform().daemon().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      for (String line = line(in); line != null; line = line(in)) {
        waitWhileFrozen();
        List<byte[]> words = new ArrayList<>();
        if (line.startsWith("*")) {
          for (int left = Integer.parseInt(line.substring(1)); left > 0; left--) {
            words.add(in.readNBytes(Integer.parseInt(line(in).substring(1))));
            line(in);
          }
        } else {
          words.add(line.getBytes(StandardCharsets.ISO_8859_1));
        }
        out.write(answer(words));
        out.flush();
      }
    } catch (IOException | RuntimeException e) {
      // The client hung up, or the test did.
    }
  }

  private byte[] answer(List<byte[]> words) {
    String command = text(words.getFirst());
    switch (command.toUpperCase(java.util.Locale.ROOT)) {
      case "PING" -> {
        return bytes("+PONG\r\n");
      }
      case "SET" -> {
        if (refusing) {
          return bytes("-OOM command not allowed\r\n");
        }
        data.put(text(words.get(1)), words.get(2));
        return bytes("+OK\r\n");
      }
      case "MGET" -> {
        var out = new java.io.ByteArrayOutputStream();
        out.writeBytes(bytes("*" + (words.size() - 1) + "\r\n"));
        for (byte[] key : words.subList(1, words.size())) {
          byte[] value = data.get(text(key));
          out.writeBytes(bytes(value == null ? "$-1\r\n" : "$" + value.length + "\r\n"));
          if (value != null) {
            out.writeBytes(value);
            out.writeBytes(bytes("\r\n"));
          }
        }
        return out.toByteArray();
      }
      default -> {
        return bytes("-ERR unknown command\r\n");
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    thaw();
    server.close();
    hangUp();
  }
}
