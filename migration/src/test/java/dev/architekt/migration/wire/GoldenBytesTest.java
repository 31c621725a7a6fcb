package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The bytes of version 1, for ever: one line a frame in {@code docs/protocol/golden-v1.txt}. What a
 * change of this file means is a new version of the protocol.
 */
class GoldenBytesTest {
  private static final Path GOLDEN = Path.of("../docs/protocol/golden-v1.txt");
  private static final int SHOWN_BYTES = 160;

  @Test
  void everyMessageIsTheBytesItHasAlwaysBeen() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        line(
            "HELLO",
            hello(
                new Hello(
                    0,
                    Right.TAKE,
                    Lane.FIRST_BULK,
                    4,
                    Samples.SESSION,
                    Samples.HOST,
                    new UUID(1, 2),
                    "host-b",
                    "redis"))));
    Pipe welcome = new Pipe(new byte[0]);
    Handshake.sendWelcome(
        welcome, new Handshake.Welcome(1, 0, Samples.HOST, new UUID(1, 2), "host-a"));
    lines.add(line("WELCOME", welcome.written()));
    Pipe refusal = new Pipe(new byte[0]);
    Handshake.sendRefusal(refusal, Refusal.BUSY, "later");
    lines.add(line("REFUSE", refusal.written()));
    for (Message message : Samples.all()) {
      lines.add(line(Tag.of(message).name(), frame(message)));
    }
    if (Boolean.getBoolean("golden.write")) {
      Files.write(GOLDEN, lines);
    }
    assertThat(Files.readAllLines(GOLDEN)).isEqualTo(lines);
  }

  @Test
  void goldenBytesAreReadBack() throws IOException {
    for (Message message : Samples.all()) {
      int lane = Tag.of(message).allowedOn(0) ? 0 : 2;
      LaneReader reader =
          new LaneReader(lane, new Pipe(frame(message)), new LaneMeter(), new RoundTrip());
      assertThat(Samples.same(message, reader.next())).as("%s", message).isTrue();
    }
    Hello hello = new Hello(7, Right.READ, 0, 3, Samples.SESSION, Hello.NONE, Hello.NONE, "ä", "");
    assertThat(Handshake.readHello(new Pipe(hello(hello)))).isEqualTo(hello);
  }

  @Test
  void aHelloThatHasGrownIsStillUnderstood() throws IOException {
    Hello hello =
        new Hello(7, Right.READ, 0, 3, Samples.SESSION, Hello.NONE, Hello.NONE, "later", "");
    byte[] now = hello(hello);
    java.nio.ByteBuffer later = java.nio.ByteBuffer.allocate(now.length + 9);
    later.put(now, 0, now.length - 4).put(new byte[9]);
    later.putInt(12, later.getInt(12) + 9);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(later.array(), 0, later.position());
    later.putInt((int) crc.getValue());
    assertThat(Handshake.readHello(new Pipe(later.array()))).isEqualTo(hello);
  }

  static byte[] frame(Message message) throws IOException {
    Pipe pipe = new Pipe(new byte[0]);
    boolean data = Tag.of(message).lanes() == Tag.Lanes.DATA;
    // Which codec serves best is measured; these bytes are of the plain one.
    new FrameWriter(pipe, new LaneMeter(), data, RunCodecTest.always(Codec.RAW)).write(message);
    return pipe.written();
  }

  private static byte[] hello(Hello hello) throws IOException {
    Pipe pipe = new Pipe(new byte[0]);
    Handshake.sendHello(pipe, hello);
    return pipe.written();
  }

  private static String line(String name, byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, SHOWN_BYTES));
    String rest = bytes.length > SHOWN_BYTES ? " +" + (bytes.length - SHOWN_BYTES) : "";
    assertThat(name.getBytes(StandardCharsets.US_ASCII)).hasSize(name.length());
    return name + " " + hex + rest;
  }
}
