package dev.architekt.migration.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A message's body while it is put together; grows up to the bound of its tag. */
final class BodyWriter {
  private final Tag tag;
  private ByteBuffer bytes = ByteBuffer.allocate(256);

  BodyWriter(Tag tag) {
    this.tag = tag;
  }

  BodyWriter u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  BodyWriter u16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  BodyWriter u32(int value) {
    room(4).putInt(value);
    return this;
  }

  BodyWriter i64(long value) {
    room(8).putLong(value);
    return this;
  }

  BodyWriter uuid(UUID value) {
    room(16).putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
    return this;
  }

  /** u16 length, then UTF-8. */
  BodyWriter text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    u16(utf8.length);
    room(utf8.length).put(utf8);
    return this;
  }

  BodyWriter bytes(ByteBuffer value) {
    room(value.remaining()).put(value);
    return this;
  }

  BodyWriter bytes(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  /** What was written; this is not to be used any more. */
  ByteBuffer finish() {
    return bytes.flip();
  }

  private ByteBuffer room(int more) {
    long needed = (long) bytes.position() + more;
    if (needed > tag.bytesMax()) {
      throw new IllegalArgumentException(
          tag + ": expected a body of at most " + tag.bytesMax() + " bytes, found " + needed);
    }
    if (more > bytes.remaining()) {
      int size = (int) Math.min(tag.bytesMax(), Math.max(needed, 2L * bytes.capacity()));
      bytes = ByteBuffer.allocate(size).put(bytes.flip());
    }
    return bytes;
  }
}
