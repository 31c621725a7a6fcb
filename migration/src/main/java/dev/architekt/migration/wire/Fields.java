package dev.architekt.migration.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Takes the fields of a message's body one after the other; every length is checked first. */
final class Fields {
  private final ByteBuffer body;
  private final Place place;

  Fields(ByteBuffer body, Place place) {
    this.body = body;
    this.place = place;
  }

  int u8(String field) throws ProtocolException {
    return need(field, 1).get() & 0xff;
  }

  int u16(String field) throws ProtocolException {
    return need(field, 2).getShort() & 0xffff;
  }

  /** A count or index: a u32 that must fit a positive int. */
  int count(String field, int most) throws ProtocolException {
    int value = need(field, 4).getInt();
    if (value < 0 || value > most) {
      throw place.broken(
          field + ": expected 0 to " + most + ", found " + Integer.toUnsignedString(value));
    }
    return value;
  }

  /** Four bytes as they are. */
  int word(String field) throws ProtocolException {
    return need(field, 4).getInt();
  }

  long i64(String field) throws ProtocolException {
    return need(field, 8).getLong();
  }

  UUID uuid(String field) throws ProtocolException {
    need(field, 16);
    return new UUID(body.getLong(), body.getLong());
  }

  /** u16 length, then UTF-8 of at most {@code charsMax} characters. */
  String text(String field, int charsMax) throws ProtocolException {
    int length = u16(field + " length");
    // Three bytes hold any one char of UTF-16; surrogate pairs take four for two.
    if (length > 3 * charsMax) {
      throw place.broken(field + ": expected at most " + 3 * charsMax + " bytes, found " + length);
    }
    return utf8(field, length);
  }

  String utf8(String field, int length) throws ProtocolException {
    need(field, length);
    ByteBuffer bytes = body.slice(body.position(), length);
    body.position(body.position() + length);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(bytes)
          .toString();
    } catch (CharacterCodingException e) {
      throw place.broken(field + ": not UTF-8", e);
    }
  }

  /** The member of an enum whose numbers are on the wire as one byte. */
  <E extends Enum<E>> E oneOf(String field, E[] values) throws ProtocolException {
    int number = u8(field);
    if (number >= values.length) {
      throw place.broken(field + ": expected 0 to " + (values.length - 1) + ", found " + number);
    }
    return values[number];
  }

  /** The next bytes as they are, without a copy. */
  ByteBuffer bytes(String field, int length) throws ProtocolException {
    need(field, length);
    ByteBuffer slice = body.slice(body.position(), length);
    body.position(body.position() + length);
    return slice;
  }

  boolean flag(String field) throws ProtocolException {
    int value = u8(field);
    if (value > 1) {
      throw place.broken(field + ": expected 0 or 1, found " + value);
    }
    return value == 1;
  }

  int remaining() {
    return body.remaining();
  }

  void end() throws ProtocolException {
    if (body.hasRemaining()) {
      throw place.broken("expected the end of the message, found " + body.remaining() + " bytes");
    }
  }

  ProtocolException broken(String what) {
    return place.broken(what);
  }

  private ByteBuffer need(String field, int bytes) throws ProtocolException {
    if (body.remaining() < bytes) {
      throw place.broken(
          field + ": expected " + bytes + " bytes, found " + body.remaining() + " before the end");
    }
    return body;
  }
}
