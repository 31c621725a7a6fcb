package dev.architekt.testkit.client;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A TCP connection with a limit on every wait, for protocols of lines and of counted bytes. */
final class Line implements AutoCloseable {
  private static final int LINE_MAX = 8192;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final OutputStream out;

  Line(String host, int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(Conversation.ANSWER_MS_MAX);
    socket.connect(new InetSocketAddress(host, port), Conversation.ANSWER_MS_MAX);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Up to the end of a line, without it. */
  String line() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the service closed the connection after '" + text + "'");
      }
      if (text.length() == LINE_MAX) {
        throw new IOException("a line of more than " + LINE_MAX + " bytes");
      }
      text.append((char) c);
    }
    return text.toString().stripTrailing();
  }

  void expectLine(String wanted) throws IOException {
    String found = line();
    if (!found.equals(wanted)) {
      throw new IOException("expected '" + wanted + "', the service said '" + found + "'");
    }
  }

  DataInputStream in() {
    return in;
  }

  String identity() {
    return "local port " + socket.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
