package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * HELLO and its answer. Their layout is the same in every version, and a body may grow at its end:
 * what a reader does not know there it skips.
 *
 * <p>HELLO: magic, u16 oldest and u16 newest version, u32 length of the body, body, u32 CRC32C of
 * all before. Answer: magic, u16 status (0 welcome, else a {@link Refusal}), u16 version, u32
 * length of the body, body, u32 CRC32C.
 */
final class Handshake {
  private static final int SUM_BYTES = 4;

  /** What a listener answers when it agrees. */
  record Welcome(int version, long features, UUID token, UUID link, String identity) {}

  private Handshake() {}

  static void sendHello(Transport transport, Hello hello) throws IOException {
    ByteBuffer to = start(Wire.VERSION_OLDEST, Wire.VERSION_NEWEST, Wire.HELLO_BODY_MAX);
    to.putLong(hello.features());
    to.put((byte) hello.right().code()).put((byte) hello.lane());
    to.put((byte) hello.lanes()).put((byte) 0);
    uuid(hello.session(), to);
    uuid(hello.token(), to);
    uuid(hello.link(), to);
    name(hello.identity(), to);
    name(hello.subject(), to);
    transport.write(seal(to));
  }

  /**
   * Reads a HELLO.
   *
   * @throws RefusedException it is one, and is to be answered with that refusal
   */
  static Hello readHello(Transport transport) throws IOException {
    ByteBuffer header = header(transport);
    int oldest = header.getShort() & 0xffff;
    int newest = header.getShort() & 0xffff;
    Fields from = body(transport, header, Wire.HELLO_BODY_MAX);
    if (oldest > Wire.VERSION_NEWEST || newest < Wire.VERSION_OLDEST) {
      throw new RefusedException(
          "this side",
          Refusal.VERSION,
          "no common version: this side speaks "
              + Wire.VERSION_OLDEST
              + " to "
              + Wire.VERSION_NEWEST
              + ", the dialer "
              + oldest
              + " to "
              + newest);
    }
    long features = from.i64("features");
    int right = from.u8("right");
    int lane = from.u8("lane");
    int lanes = from.u8("lanes");
    from.u8("byte 11");
    UUID session = from.uuid("session");
    UUID token = from.uuid("token");
    UUID link = from.uuid("link");
    String identity = from.utf8("identity", from.u8("identity length"));
    String subject = from.utf8("subject", from.u8("subject length"));
    if (Right.ofCode(right) == null) {
      throw from.broken("right: expected 1 to " + Right.values().length + ", found " + right);
    }
    try {
      return new Hello(
          features, Right.ofCode(right), lane, lanes, session, token, link, identity, subject);
    } catch (IllegalArgumentException e) {
      throw from.broken(e.getMessage());
    }
  }

  static void sendWelcome(Transport transport, Welcome welcome) throws IOException {
    ByteBuffer to = start(0, welcome.version(), Wire.REPLY_BODY_MAX);
    to.putLong(welcome.features());
    uuid(welcome.token(), to);
    uuid(welcome.link(), to);
    name(welcome.identity(), to);
    transport.write(seal(to));
  }

  static void sendRefusal(Transport transport, Refusal refusal, String text) throws IOException {
    ByteBuffer to = start(refusal.code(), Wire.VERSION_NEWEST, Wire.REPLY_BODY_MAX);
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(utf8.length, Wire.REPLY_BODY_MAX / 2);
    // Cut at the start of a character.
    while (length < utf8.length && (utf8[length] & 0xc0) == 0x80) {
      length--;
    }
    to.putShort((short) length).put(Arrays.copyOf(utf8, length));
    transport.write(seal(to));
  }

  static Welcome readReply(Transport transport) throws IOException {
    ByteBuffer header = header(transport);
    int status = header.getShort() & 0xffff;
    int version = header.getShort() & 0xffff;
    Fields from = body(transport, header, Wire.REPLY_BODY_MAX);
    if (status != 0) {
      Refusal refusal = Refusal.ofCode(status);
      String text = from.utf8("text", from.u16("text length"));
      if (refusal == Refusal.VERSION) {
        throw new VersionException(transport.remote() + ": " + text);
      }
      throw new RefusedException(
          String.valueOf(transport.remote()),
          refusal == null ? Refusal.MALFORMED : refusal,
          refusal == null ? text + " (code " + status + ", unknown to this version)" : text);
    }
    if (version < Wire.VERSION_OLDEST || version > Wire.VERSION_NEWEST) {
      throw new VersionException(
          transport.remote()
              + " chose version "
              + version
              + ", this side speaks "
              + Wire.VERSION_OLDEST
              + " to "
              + Wire.VERSION_NEWEST);
    }
    return new Welcome(
        version,
        from.i64("features"),
        from.uuid("token"),
        from.uuid("link"),
        from.utf8("identity", from.u8("identity length")));
  }

  private static ByteBuffer header(Transport transport) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(Wire.HELLO_HEADER_BYTES);
    // The magic first: a stranger may send less than a header and then wait.
    header.limit(Long.BYTES);
    Strangers.readMagic(transport, header);
    header.limit(Wire.HELLO_HEADER_BYTES);
    readFully(transport, header);
    return header.flip().position(Long.BYTES);
  }

  /** Reads the body, whose length is next in {@code header}, and verifies the checksum. */
  private static Fields body(Transport transport, ByteBuffer header, int most) throws IOException {
    Place place = new Place("handshake with " + transport.remote());
    int length = header.getInt();
    if (length < 0 || length > most) {
      throw place.broken(
          "length of the body: expected 0 to "
              + most
              + ", found "
              + Integer.toUnsignedString(length));
    }
    ByteBuffer body = ByteBuffer.allocate(length + SUM_BYTES);
    readFully(transport, body);
    body.flip();
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, Wire.HELLO_HEADER_BYTES);
    crc.update(body.array(), 0, length);
    if ((int) crc.getValue() != body.getInt(length)) {
      throw place.broken("checksum: expected another one");
    }
    return new Fields(body.limit(length), place);
  }

  static void readFully(Transport transport, ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (transport.read(target) < 0) {
        throw new NotAPeerException(
            transport.remote() + " closed the connection in the middle of the handshake");
      }
    }
  }

  private static ByteBuffer start(int first, int second, int bodyMax) {
    ByteBuffer to = ByteBuffer.allocate(Wire.HELLO_HEADER_BYTES + bodyMax + SUM_BYTES);
    return to.putLong(Wire.MAGIC).putShort((short) first).putShort((short) second).putInt(0);
  }

  private static ByteBuffer seal(ByteBuffer to) {
    to.putInt(12, to.position() - Wire.HELLO_HEADER_BYTES);
    CRC32C crc = new CRC32C();
    crc.update(to.array(), 0, to.position());
    return to.putInt((int) crc.getValue()).flip();
  }

  private static void uuid(UUID value, ByteBuffer to) {
    to.putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
  }

  private static void name(String value, ByteBuffer to) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    to.put((byte) utf8.length).put(utf8);
  }
}
