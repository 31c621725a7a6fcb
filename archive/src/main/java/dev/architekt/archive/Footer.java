package dev.architekt.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The last 51 bytes of an eStargz: an empty gzip member whose extra field says where the table of
 * contents is.
 */
final class Footer {
  static final int SIZE = 51;
  private static final int DIGITS_AT = 16;
  private static final int DIGITS = 16;

  private Footer() {}

  static byte[] encode(long indexOffset) {
    byte[] footer = new byte[SIZE];
    byte[] head = {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff, 26, 0, 'S', 'G', 22, 0};
    System.arraycopy(head, 0, footer, 0, head.length);
    byte[] field =
        (HexFormat.of().toHexDigits(indexOffset) + "STARGZ").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(field, 0, footer, DIGITS_AT, field.length);
    // A final stored block of no bytes; the trailer's CRC-32 and size of nothing are zero.
    byte[] empty = {1, 0, 0, (byte) 0xff, (byte) 0xff};
    System.arraycopy(empty, 0, footer, DIGITS_AT + field.length, empty.length);
    return footer;
  }

  /** The table of contents' offset, between 0 and {@code limit}. */
  static long decode(byte[] footer, long limit) throws Corrupt {
    long offset = -1;
    try {
      String digits = new String(footer, DIGITS_AT, DIGITS, StandardCharsets.US_ASCII);
      offset = HexFormat.fromHexDigitsToLong(digits);
    } catch (IllegalArgumentException e) {
      // Not digits: the comparison below says so.
    }
    if (!Arrays.equals(footer, encode(offset))) {
      throw new Corrupt("the footer of an eStargz", "other bytes");
    }
    if (offset < 0 || offset > limit) {
      throw new Corrupt("a table of contents between 0 and " + limit, "one at " + offset);
    }
    return offset;
  }
}
