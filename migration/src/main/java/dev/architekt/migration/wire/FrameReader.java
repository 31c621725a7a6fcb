package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads the frames of one lane into a buffer of fixed size, and gives each out only after its
 * length, tag, order and checksum have been verified. For one thread.
 */
final class FrameReader {
  static final int BUFFER_BYTES = 2 * (Wire.FRAME_HEADER_BYTES + Wire.FRAME_PAYLOAD_MAX);

  private final int lane;
  private final Transport transport;
  private final LaneMeter meter;
  private final Place place;
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer buffer;
  private int sequence;
  private Tag tag;
  private boolean more;
  private volatile long waitingSince;

  /**
   * Reads a lane.
   *
   * @param buffer of {@link #BUFFER_BYTES}; this one's from here on
   */
  FrameReader(int lane, Transport transport, LaneMeter meter, Place place, ByteBuffer buffer) {
    this.lane = lane;
    this.transport = transport;
    this.meter = meter;
    this.place = place;
    this.buffer = buffer.clear().flip();
  }

  /** Tag of the last frame. */
  Tag tag() {
    return tag;
  }

  /** Whether the message goes on in the next frame. */
  boolean more() {
    return more;
  }

  /**
   * For how long this side has been waiting for bytes, in nanoseconds; 0 when it is not waiting.
   */
  long silence(long now) {
    long since = waitingSince;
    return since == 0 ? 0 : now - since;
  }

  /** The next frame's payload, valid until the next call; null when the connection has ended. */
  ByteBuffer next() throws IOException {
    place.at(sequence, null);
    if (!fill(Wire.FRAME_HEADER_BYTES)) {
      if (buffer.hasRemaining()) {
        throw place.broken("the connection ended inside a frame's header");
      }
      return null;
    }
    int at = buffer.position();
    int length = header(at);
    if (!fill(Wire.FRAME_HEADER_BYTES + length)) {
      throw place.broken("the connection ended inside a frame of " + length + " bytes");
    }
    // fill() may have moved what is there to the front.
    at = buffer.position();
    ByteBuffer payload = buffer.slice(at + Wire.FRAME_HEADER_BYTES, length);
    int sum = buffer.getInt(at + Wire.FRAME_HEADER_SUMMED);
    crc.reset();
    crc.update(buffer.slice(at, Wire.FRAME_HEADER_SUMMED));
    crc.update(payload.duplicate());
    if ((int) crc.getValue() != sum) {
      throw place.broken(
          "frame: expected checksum "
              + Integer.toHexString(sum)
              + ", found "
              + Integer.toHexString((int) crc.getValue()));
    }
    buffer.position(at + Wire.FRAME_HEADER_BYTES + length);
    sequence++;
    meter.count(Wire.FRAME_HEADER_BYTES + (long) length, 0, 0);
    return payload;
  }

  /**
   * Checks everything in the header but the checksum, before a byte of the payload is waited for.
   */
  private int header(int at) throws ProtocolException {
    int code = buffer.get(at + 4) & 0xff;
    int flags = buffer.get(at + 5) & 0xff;
    Tag newTag = Tag.ofCode(code);
    if (newTag == null) {
      throw place.broken(
          "tag: expected one of version "
              + Wire.VERSION_NEWEST
              + ", found 0x"
              + Integer.toHexString(code));
    }
    place.at(sequence, newTag);
    if (!newTag.allowedOn(lane)) {
      throw place.broken("tag: not one of this lane");
    }
    int length = buffer.getInt(at);
    int most = Math.min(newTag.bytesMax(), Wire.FRAME_PAYLOAD_MAX);
    if (length < 0 || length > most) {
      throw place.broken(
          "length: expected 0 to " + most + ", found " + Integer.toUnsignedString(length));
    }
    if ((flags & ~Wire.FLAG_MORE) != 0 || buffer.getShort(at + 6) != 0) {
      throw place.broken("flags: expected only bit 0, found 0x" + Integer.toHexString(flags));
    }
    if ((flags & Wire.FLAG_MORE) != 0 && (length == 0 || newTag.bytesMax() <= most)) {
      throw place.broken("flags: a message of this tag fits one frame, found one that goes on");
    }
    if (buffer.getInt(at + 8) != sequence) {
      throw place.broken(
          "sequence: expected "
              + Integer.toUnsignedString(sequence)
              + ", found "
              + Integer.toUnsignedString(buffer.getInt(at + 8)));
    }
    tag = newTag;
    more = (flags & Wire.FLAG_MORE) != 0;
    return length;
  }

  /** Waits until the buffer holds so many bytes; whether it does. */
  private boolean fill(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return true;
    }
    if (buffer.capacity() - buffer.position() < bytes) {
      buffer.compact().flip();
    }
    while (buffer.remaining() < bytes) {
      int at = buffer.position();
      buffer.position(buffer.limit()).limit(buffer.capacity());
      waitingSince = System.nanoTime() | 1;
      int read = transport.read(buffer);
      waitingSince = 0;
      buffer.limit(buffer.position()).position(at);
      if (read < 0) {
        return false;
      }
    }
    return true;
  }
}
