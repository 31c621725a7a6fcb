package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import java.nio.charset.StandardCharsets;

/** The numbers of the wire format, version 1. All integers on the wire are big-endian. */
final class Wire {
  /** First bytes of every connection, in both directions. */
  static final long MAGIC = magic("ARKTWIRE");

  /** HELLO's bit 0: this side takes references to pages of kernel and initial RAM disk. */
  static final long FEATURE_BASE = 1;

  /** Oldest and newest version that this code speaks. */
  static final int VERSION_OLDEST = 1;

  static final int VERSION_NEWEST = 1;

  /** Magic, two versions (or status and version), length of the body. */
  static final int HELLO_HEADER_BYTES = 16;

  /** Most bytes of the body of a HELLO. */
  static final int HELLO_BODY_MAX = 1024;

  /** Most bytes of the body of the answer, with room for a text of 4,096. */
  static final int REPLY_BODY_MAX = 8192;

  /** Length u32, tag u8, flags u8, zero u16, sequence u32, CRC32C u32. */
  static final int FRAME_HEADER_BYTES = 16;

  /** Bytes of the header that the checksum covers. */
  static final int FRAME_HEADER_SUMMED = 12;

  /** Flag: the message goes on in the next frame of this lane. */
  static final int FLAG_MORE = 1;

  /** Fields of a Pages or Zeroes frame before the encoded bytes. */
  static final int PAGES_FIELDS_BYTES = 20;

  /** Bytes of the largest run of pages in one frame, uncompressed. */
  static final int RUN_BYTES_MAX = Bounds.DATA_PAGES_MAX * Bounds.PAGE_BYTES;

  /** Most payload of one frame: a raw run with its fields. Longer messages take several frames. */
  static final int FRAME_PAYLOAD_MAX = RUN_BYTES_MAX + PAGES_FIELDS_BYTES;

  /** Words of all page sets in one message, decoded: 64 MiB, enough for regions of 2 TiB. */
  static final int SET_WORDS_MAX = 8 << 20;

  private Wire() {}

  private static long magic(String text) {
    long value = 0;
    for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
      value = value << 8 | (b & 0xff);
    }
    return value;
  }
}
