package dev.architekt.region;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.DataFormatException;

/**
 * Page bitmaps as bytes, for the wire and for files.
 *
 * <p>Layout, little-endian: {@code u8 form}, {@code u64 pages}, then
 *
 * <ul>
 *   <li>form 0, <em>words</em>: {@code ceil(pages / 64)} words of 64 bits;
 *   <li>form 1, <em>runs</em>: lengths of runs of clear and set pages in turn, the first one clear
 *       and possibly 0, all others at least 1, each a varint of 7 bits a byte, lowest first,
 *       together exactly {@code pages}.
 * </ul>
 *
 * The writer takes the shorter one. So the encoding of n pages never takes more than {@link
 * #maxBytes}.
 */
public final class PageBitmapCodec {
  private static final int HEADER = 1 + Long.BYTES;
  private static final byte WORDS = 0;
  private static final byte RUNS = 1;
  private static final int VARINT_MAX = 9;

  private PageBitmapCodec() {}

  /** The most bytes that the encoding of {@code pages} pages takes. */
  public static long maxBytes(long pages) {
    return HEADER + (pages + 63) / 64 * Long.BYTES;
  }

  /**
   * The bitmap's bytes. Bits that change meanwhile are taken as before or after, each for itself.
   */
  public static byte[] encode(PageBitmap bitmap) {
    // A private copy: the run form needs two looks at each bit that agree.
    PageBitmap stable = bitmap.copy();
    long limit = maxBytes(stable.pages());
    if (limit > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("bitmap of " + stable.pages() + " pages is too large");
    }
    ByteBuffer out = ByteBuffer.allocate((int) limit).order(ByteOrder.LITTLE_ENDIAN);
    out.put(RUNS).putLong(stable.pages());
    if (!putRuns(stable, out)) {
      out.clear();
      out.put(WORDS).putLong(stable.pages());
      for (long i = 0; out.hasRemaining(); i++) {
        out.putLong(stable.word(i));
      }
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /** False when the runs take more space than the words would. */
  private static boolean putRuns(PageBitmap bitmap, ByteBuffer out) {
    boolean set = false;
    for (long page = 0; page < bitmap.pages(); set = !set) {
      long end = set ? bitmap.nextClear(page) : bitmap.nextSet(page);
      end = end < 0 ? bitmap.pages() : end;
      if (out.remaining() < VARINT_MAX) {
        return false;
      }
      long length = end - page;
      while (length > 0x7f) {
        out.put((byte) (length | 0x80));
        length >>>= 7;
      }
      out.put((byte) length);
      page = end;
    }
    return true;
  }

  /**
   * Reads a bitmap that must be of {@code pages} pages and fill {@code in} to its limit.
   *
   * @throws DataFormatException if it is anything else; nothing is allocated beyond {@code pages}
   *     bits
   */
  public static PageBitmap decode(ByteBuffer in, long pages) throws DataFormatException {
    ByteBuffer data = in.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (data.remaining() < HEADER) {
      throw new DataFormatException("page bitmap of " + data.remaining() + " bytes is cut off");
    }
    byte form = data.get();
    long found = data.getLong();
    if (found != pages) {
      throw new DataFormatException("page bitmap: expected " + pages + " pages, found " + found);
    }
    PageBitmap bitmap = new PageBitmap(pages);
    switch (form) {
      case WORDS -> getWords(data, bitmap);
      case RUNS -> getRuns(data, bitmap);
      default -> throw new DataFormatException("page bitmap: unknown form " + form);
    }
    in.position(in.limit());
    return bitmap;
  }

  private static void getWords(ByteBuffer data, PageBitmap bitmap) throws DataFormatException {
    long expected = maxBytes(bitmap.pages()) - HEADER;
    if (data.remaining() != expected) {
      throw new DataFormatException(
          "page bitmap: expected " + expected + " bytes of words, found " + data.remaining());
    }
    for (long i = 0; data.hasRemaining(); i++) {
      long word = data.getLong();
      long used = Math.min(64, bitmap.pages() - i * 64);
      if (used < 64 && (word >>> used) != 0) {
        throw new DataFormatException("page bitmap: bits behind page " + bitmap.pages());
      }
      bitmap.orWord(i, word);
    }
  }

  private static void getRuns(ByteBuffer data, PageBitmap bitmap) throws DataFormatException {
    boolean set = false;
    long page = 0;
    for (boolean first = true; data.hasRemaining(); first = false, set = !set) {
      long length = varint(data);
      if ((length == 0 && !first) || length > bitmap.pages() - page) {
        throw new DataFormatException(
            "page bitmap: run of " + length + " at page " + page + " of " + bitmap.pages());
      }
      if (set) {
        bitmap.set(page, length);
      }
      page += length;
    }
    if (page != bitmap.pages()) {
      throw new DataFormatException(
          "page bitmap: runs end at page " + page + " of " + bitmap.pages());
    }
  }

  private static long varint(ByteBuffer data) throws DataFormatException {
    long value = 0;
    for (int shift = 0; shift < 7 * VARINT_MAX; shift += 7) {
      if (!data.hasRemaining()) {
        break;
      }
      byte next = data.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new DataFormatException("page bitmap: a run's length is cut off or too long");
  }
}
