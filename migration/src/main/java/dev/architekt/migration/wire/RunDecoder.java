package dev.architekt.migration.wire;

import dev.architekt.linux.Lz4;
import dev.architekt.linux.Zstd;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The mirror of {@link RunEncoder}. Decompresses into one buffer of its own, which the next run
 * overwrites; its size bounds what any input can make of it.
 */
final class RunDecoder {
  private final Zstd zstd = new Zstd();
  private final CRC32C crc = new CRC32C();
  private ByteBuffer plain;
  private volatile BasePages base = BasePages.NONE;

  /** What references are to, from now on; from any thread. */
  void base(BasePages pages) {
    base = pages;
  }

  /** A run of pages or of zeroes, by {@code tag}. */
  Message decode(Tag tag, ByteBuffer body, Place place) throws IOException {
    Fields from = new Fields(body, place);
    int region = from.u8("region");
    int number = from.u8("codec");
    boolean settled = from.flag("settled");
    zero(from.u8("byte 3"), "byte 3", place);
    long firstPage = from.count("firstPage", Bounds.REGION_PAGES_MAX);
    int pages = from.u16("pages");
    zero(from.u16("bytes 10 and 11"), "bytes 10 and 11", place);
    int round = from.word("round");
    int sum = from.word("checksum");
    Codec codec = Codec.ofCode(number);
    if (codec == null || (codec == Codec.ZERO) != (tag == Tag.ZEROES)) {
      throw place.broken("codec: expected one of this tag, found " + number);
    }
    try {
      if (codec == Codec.ZERO) {
        zero(sum, "checksum", place);
        from.end();
        return new Message.Zeroes(region, firstPage, pages, round, settled);
      }
      if (pages < 1 || pages > Bounds.DATA_PAGES_MAX) {
        throw place.broken("pages: expected 1 to " + Bounds.DATA_PAGES_MAX + ", found " + pages);
      }
      ByteBuffer encoded = from.bytes("encoded bytes", from.remaining());
      ByteBuffer data = content(codec, encoded, pages * Bounds.PAGE_BYTES, place);
      verify(sum, data, place);
      return new Message.Pages(
          region, firstPage, pages, round, settled, MemorySegment.ofBuffer(data));
    } catch (IllegalArgumentException e) {
      throw place.broken(e.getMessage(), e);
    }
  }

  private ByteBuffer content(Codec codec, ByteBuffer encoded, int bytes, Place place)
      throws IOException {
    if (codec == Codec.RAW) {
      if (encoded.remaining() != bytes) {
        throw place.broken("raw: expected " + bytes + " bytes, found " + encoded.remaining());
      }
      return encoded;
    }
    if (plain == null) {
      plain = ByteBuffer.allocateDirect(Wire.RUN_BYTES_MAX);
    }
    ByteBuffer target = plain.slice(0, bytes);
    if (codec == Codec.BASE) {
      return reference(encoded, target, place);
    }
    MemorySegment source = MemorySegment.ofBuffer(encoded);
    MemorySegment bytesOut = MemorySegment.ofBuffer(target);
    int found =
        codec == Codec.LZ4 ? Lz4.decompress(source, bytesOut) : zstd.decompress(source, bytesOut);
    if (found != bytes) {
      throw place.broken(
          codec
              + ": expected a block of "
              + bytes
              + " bytes, found "
              + encoded.remaining()
              + " bytes that are none");
    }
    return target;
  }

  private ByteBuffer reference(ByteBuffer encoded, ByteBuffer target, Place place)
      throws IOException {
    if (encoded.remaining() != Integer.BYTES) {
      throw place.broken("reference: expected 4 bytes, found " + encoded.remaining());
    }
    BasePages pages = base;
    long first = Integer.toUnsignedLong(encoded.getInt(encoded.position()));
    long count = pages.count();
    if (first + target.remaining() / Bounds.PAGE_BYTES > count) {
      throw place.broken(
          "reference: expected one to "
              + count
              + " base pages, found "
              + target.remaining() / Bounds.PAGE_BYTES
              + " from number "
              + first
              + " on");
    }
    pages.read(first, MemorySegment.ofBuffer(target));
    return target;
  }

  private void verify(int sum, ByteBuffer data, Place place) throws ProtocolException {
    crc.reset();
    crc.update(data.duplicate());
    if ((int) crc.getValue() != sum) {
      throw place.broken(
          "content: expected checksum "
              + Integer.toHexString(sum)
              + ", found "
              + Integer.toHexString((int) crc.getValue()));
    }
  }

  private static void zero(int value, String field, Place place) throws ProtocolException {
    if (value != 0) {
      throw place.broken(field + ": expected 0, found " + value);
    }
  }
}
