package dev.architekt.migration.wire;

import static dev.architekt.migration.wire.Collector.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.wire.Authorizer.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever is at the other end and does not speak the protocol: the message says what it is. */
@Timeout(60)
class StrangersTest {
  private static final WireOptions QUICK =
      WireOptions.of("x")
          .withTimes(Duration.ofMillis(500), Duration.ofMillis(100), Duration.ofSeconds(1));

  private static WireException toListener(byte[] bytes, boolean stay) throws Exception {
    Collector far = new Collector();
    try (Listener listener =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                QUICK,
                (hello, peer) -> new Verdict.Allow(),
                far);
        Socket socket = new Socket()) {
      socket.connect(listener.address());
      socket.getOutputStream().write(bytes);
      if (!stay) {
        socket.shutdownOutput();
      }
      return take(far.failures);
    }
  }

  /** What a dialer says about a server that answers with these bytes. */
  private static void dial(byte[] answer, boolean stay, Class<?> kind, String text)
      throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Connector connector =
            new Connector(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()),
                QUICK,
                UUID.randomUUID(),
                Right.TAKE,
                1,
                "")) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              Socket socket = server.accept();
              socket.getInputStream().read(new byte[2000]);
              socket.getOutputStream().write(answer);
              if (!stay) {
                socket.close();
              }
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      assertThatThrownBy(() -> connector.connect(new Collector()))
          .isInstanceOf(kind)
          .hasMessageContaining(text);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void dialersThatAreNone() throws Exception {
    assertThat(toListener(bytes("GET / HTTP/1.1\r\n\r\n"), true))
        .isInstanceOf(NotAPeerException.class)
        .hasMessageContaining("web client");
    assertThat(toListener(bytes("\u0016\u0003\u0001\u0002\u0000\u0001"), true))
        .isInstanceOf(NotAPeerException.class)
        .hasMessageContaining("--insecure");
    assertThat(toListener(bytes("\u0000\u0001garbage"), true))
        .isInstanceOf(NotAPeerException.class)
        .hasMessageContaining("\\x00");
    assertThat(toListener(bytes("ARKTW"), false)).isInstanceOf(NotAPeerException.class);
    assertThat(toListener(bytes(""), false)).isInstanceOf(NotAPeerException.class);
  }

  @Test
  void dialersThatStall() throws Exception {
    assertThat(toListener(bytes(""), true))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("500 ms");
    assertThat(toListener(bytes("ARKTWIRE\0\1"), true)).isInstanceOf(StalledException.class);
  }

  private static byte[] hello(int oldest, int newest, int length, int extra) {
    ByteBuffer hello = ByteBuffer.allocate(16 + extra + 4);
    hello.putLong(Wire.MAGIC).putShort((short) oldest).putShort((short) newest).putInt(length);
    hello.position(16 + extra);
    CRC32C crc = new CRC32C();
    crc.update(hello.array(), 0, hello.position());
    return hello.putInt((int) crc.getValue()).array();
  }

  @Test
  void dialersThatLie() throws Exception {
    assertThat(toListener(hello(1, 1, Integer.MAX_VALUE, 0), true))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("length of the body");
    assertThat(toListener(hello(1, 1, -1, 0), true)).isInstanceOf(ProtocolException.class);
    assertThat(toListener(hello(1, 1, 5, 5), true))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("features: expected 8 bytes, found 5");
    assertThat(toListener(hello(7, 9, 0, 0), true))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("this side speaks 1 to 1, the dialer 7 to 9");
  }

  @Test
  void listenersThatAreNone() throws Exception {
    dial(bytes("HTTP/1.1 400 Bad Request\r\n\r\n"), true, NotAPeerException.class, "web server");
    dial(bytes("SSH-2.0-OpenSSH_9.2\r\n"), true, NotAPeerException.class, "SSH");
    dial(bytes("220 mail ready\r\n"), true, NotAPeerException.class, "220 mail");
    dial(bytes(""), false, NotAPeerException.class, "without a word");
    dial(bytes("\u0015\u0003\u0003\u0000\u0002"), true, NotAPeerException.class, "TLS");
  }

  @Test
  void listenersThatStall() throws Exception {
    dial(bytes(""), true, StalledException.class, "500 ms");
    dial(bytes("ARKTWIRE"), true, StalledException.class, "the handshake");
  }

  @Test
  void listenersOfAnotherVersion() throws Exception {
    Pipe refusal = new Pipe(new byte[0]);
    Handshake.sendRefusal(refusal, Refusal.VERSION, "no common version: 7 to 9");
    dial(refusal.written(), true, VersionException.class, "7 to 9");
    Pipe other = new Pipe(new byte[0]);
    Handshake.sendWelcome(
        other, new Handshake.Welcome(9, 0, Samples.HOST, Samples.SESSION, "future"));
    dial(other.written(), true, VersionException.class, "chose version 9");
  }

  @Test
  void listenersThatLie() throws Exception {
    dial(hello(0, 1, 1 << 30, 0), true, ProtocolException.class, "expected 0 to 8192");
  }

  @Test
  void manyStrangersDoNotKeepAPeerOut() throws Exception {
    Collector far = new Collector();
    Socket[] strangers = new Socket[200];
    try (Listener listener =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                QUICK,
                (hello, peer) -> new Verdict.Allow(),
                far);
        Connector connector =
            new Connector(
                listener.address(),
                QUICK.withTimes(
                    Duration.ofSeconds(10), Duration.ofMillis(100), Duration.ofSeconds(1)),
                UUID.randomUUID(),
                Right.TAKE,
                1,
                "")) {
      for (int i = 0; i < 100; i++) {
        strangers[i] = new Socket();
        strangers[i].connect(listener.address());
      }
      connector.connect(new Collector());
      take(far.links);
    } finally {
      for (Socket stranger : strangers) {
        if (stranger != null) {
          stranger.close();
        }
      }
    }
  }
}
