package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Tells from its first bytes what a stranger is, so that the message can say what to do. */
final class Strangers {
  private static final int TLS_ALERT = 0x15;
  private static final int TLS_HANDSHAKE = 0x16;

  private Strangers() {}

  /**
   * Reads the magic into {@code target}; anything else is a NotAPeerException at its first byte.
   */
  static void readMagic(Transport transport, ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      int read = transport.read(target);
      if (read < 0 && target.position() == 0) {
        throw new NotAPeerException(
            transport.remote()
                + " closed the connection without a word: not an Architekt peer,"
                + " or one that expects TLS (no --insecure)");
      }
      if (read < 0 || !isMagic(target)) {
        throw new NotAPeerException(transport.remote() + " " + kind(target.flip()));
      }
    }
  }

  private static boolean isMagic(ByteBuffer bytes) {
    for (int i = 0; i < bytes.position(); i++) {
      if (bytes.get(i) != (byte) (Wire.MAGIC >>> 56 - 8 * i)) {
        return false;
      }
    }
    return true;
  }

  private static String kind(ByteBuffer bytes) {
    int first = bytes.get(0) & 0xff;
    if (first == TLS_HANDSHAKE || first == TLS_ALERT) {
      return "speaks TLS, and this side runs with --insecure: run both with it or neither";
    }
    String text = StandardCharsets.ISO_8859_1.decode(bytes).toString();
    if (text.startsWith("HTTP")) {
      return "is a web server (HTTP), not an Architekt peer: check host and port";
    }
    if (text.matches("(GET|POST|PUT|HEAD|OPTIONS|PRI|CONNECT|DELETE) ?.*")) {
      return "is a web client (HTTP), not an Architekt peer";
    }
    if (text.startsWith("SSH-")) {
      return "is an SSH server, not an Architekt peer: check host and port";
    }
    return "is not an Architekt peer: expected ARKTWIRE, found \"" + printable(text) + "\"";
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (char c : text.toCharArray()) {
      out.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : String.format("\\x%02x", (int) c));
    }
    return out.toString();
  }
}
