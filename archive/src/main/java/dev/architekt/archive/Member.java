package dev.architekt.archive;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * One gzip member of a package, in the only form that packages use.
 *
 * <pre>
 *  0  1f 8b 08 04  00 00 00 00  00 ff   gzip, deflate, FEXTRA, no time, no system
 * 10  0c 00                             length of the extra field
 * 12  'A' 'K' 08 00                     our subfield of 8 bytes
 * 16  length of the whole member        4 bytes, little-endian
 * 20  CRC-32C of the bytes from 24 on   4 bytes, little-endian
 * 24  deflate stream
 * −8  CRC-32 and size of the content    4 bytes each, little-endian
 * </pre>
 */
final class Member {
  static final int HEADER = 24;
  static final int TRAILER = 8;
  static final int OVERHEAD = HEADER + TRAILER;

  private static final byte[] PREFIX = {
    0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff, 12, 0, 'A', 'K', 8, 0
  };
  private static final int STORED_MAX = 65_535;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Member() {}

  /** The most bytes that a member of {@code length} bytes of content can have. */
  static long sizeMax(long length) {
    // zlib's own bound with some room: five bytes for each stored block of at least 4 KiB.
    return OVERHEAD + length + (length >>> 9) + 64;
  }

  /** The exact size of a stored member. */
  static int storedSize(int length) {
    return OVERHEAD + length + 5 * Math.max(1, (length + STORED_MAX - 1) / STORED_MAX);
  }

  /**
   * Compresses {@code length} bytes into {@code target}, which holds {@link #sizeMax}; the member's
   * size. {@code deflater} is raw ({@code nowrap}) and is reset here.
   */
  static int deflate(Deflater deflater, byte[] content, int length, byte[] target) {
    deflater.reset();
    deflater.setInput(content, 0, length);
    deflater.finish();
    int end = HEADER;
    while (!deflater.finished()) {
      int n = deflater.deflate(target, end, target.length - TRAILER - end);
      if (n == 0 && !deflater.finished()) {
        throw new IllegalStateException("deflate of " + length + " bytes exceeds its bound");
      }
      end += n;
    }
    return close(content, length, target, end);
  }

  /**
   * {@code content} without compression: the same bytes whatever the zlib, and a length known
   * beforehand.
   */
  static byte[] store(byte[] content) {
    byte[] target = new byte[storedSize(content.length)];
    int end = HEADER;
    int from = 0;
    do {
      int piece = Math.min(STORED_MAX, content.length - from);
      target[end++] = (byte) (from + piece == content.length ? 1 : 0);
      target[end++] = (byte) piece;
      target[end++] = (byte) (piece >>> 8);
      target[end++] = (byte) ~piece;
      target[end++] = (byte) (~piece >>> 8);
      System.arraycopy(content, from, target, end, piece);
      end += piece;
      from += piece;
    } while (from < content.length);
    close(content, content.length, target, end);
    return target;
  }

  private static int close(byte[] content, int length, byte[] target, int end) {
    ByteBuffer out = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
    CRC32 contentCrc = new CRC32();
    contentCrc.update(content, 0, length);
    out.putInt(end, (int) contentCrc.getValue());
    out.putInt(end + 4, length);
    int size = end + TRAILER;
    CRC32C memberCrc = new CRC32C();
    memberCrc.update(target, HEADER, size - HEADER);
    out.put(0, PREFIX);
    out.putInt(16, size);
    out.putInt(20, (int) memberCrc.getValue());
    return size;
  }

  /** Whether the bytes, at most as many as the fixed ones, are how each member starts. */
  static boolean startsLike(byte[] head) {
    int length = Math.min(head.length, PREFIX.length);
    return Arrays.equals(head, 0, length, PREFIX, 0, length);
  }

  /** Checks that {@code member} is exactly one intact member; says nothing about its content. */
  static void check(MemorySegment member) throws Corrupt {
    if (member.byteSize() < OVERHEAD) {
      throw new Corrupt("a gzip member of at least 32 bytes", member.byteSize() + " bytes");
    }
    MemorySegment prefix = member.asSlice(0, PREFIX.length);
    if (prefix.mismatch(MemorySegment.ofArray(PREFIX)) >= 0) {
      throw new Corrupt("the header of a gzip member", "other bytes");
    }
    long size = Integer.toUnsignedLong(member.get(INT, 16));
    if (size != member.byteSize()) {
      throw new Corrupt("a gzip member of " + member.byteSize() + " bytes", size + " bytes");
    }
    CRC32C crc = new CRC32C();
    crc.update(member.asSlice(HEADER).asByteBuffer());
    int stored = member.get(INT, 20);
    if (stored != (int) crc.getValue()) {
      throw new Corrupt(hex("CRC-32C", stored), hex("CRC-32C", (int) crc.getValue()));
    }
  }

  /** Inflates a member that passed {@link #check} and must hold exactly {@code length} bytes. */
  static byte[] inflate(MemorySegment member, int length) throws Corrupt {
    byte[] content = new byte[length];
    long end = member.byteSize() - TRAILER;
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(member.asSlice(HEADER, end - HEADER).asByteBuffer());
      int done = 0;
      while (done < length && !inflater.finished()) {
        int n = inflater.inflate(content, done, length - done);
        if (n == 0 && !inflater.finished()) {
          throw new Corrupt(length + " bytes of content", done + " and an unfinished stream");
        }
        done += n;
      }
      // The end-of-stream mark may still be unread when the last byte is out.
      if (!inflater.finished() && inflater.inflate(new byte[1]) != 0) {
        throw new Corrupt(length + " bytes of content", "more");
      }
      if (done != length || !inflater.finished() || inflater.getRemaining() != 0) {
        throw new Corrupt(
            length + " bytes of content and then the stream's end",
            done + " bytes and " + inflater.getRemaining() + " compressed ones left");
      }
    } catch (DataFormatException e) {
      throw new Corrupt("a deflate stream", "invalid data: " + e.getMessage());
    } finally {
      inflater.end();
    }
    CRC32 crc = new CRC32();
    crc.update(content);
    int stored = member.get(INT, end);
    if (stored != (int) crc.getValue()) {
      throw new Corrupt(hex("CRC-32", stored), hex("CRC-32", (int) crc.getValue()));
    }
    if (member.get(INT, end + 4) != length) {
      throw new Corrupt("a size of " + length, "a size of " + member.get(INT, end + 4));
    }
    return content;
  }

  private static String hex(String name, int value) {
    return name + " " + "%08x".formatted(value);
  }
}
