package dev.architekt.migration.wire;

import dev.architekt.linux.Lz4;
import dev.architekt.linux.ThreadClock;
import dev.architekt.linux.Zstd;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Lays out the bodies of Pages and Zeroes frames. Confined to the lane's write lock.
 *
 * <p>Fields: u8 region, u8 codec, u8 settled, u8 zero, u32 first page, u16 pages, u16 zero, u32
 * round, u32 CRC32C of the uncompressed bytes; then the encoded bytes.
 */
final class RunEncoder {
  /** Most bytes that a compressor may write for a run. */
  static final int COMPRESSED_MAX =
      Math.max(Lz4.bound(Wire.RUN_BYTES_MAX), Zstd.bound(Wire.RUN_BYTES_MAX));

  private final CodecPolicy policy;
  private final Zstd zstd = new Zstd();
  private final ThreadClock clock = new ThreadClock();
  private final CRC32C crc = new CRC32C();

  RunEncoder(CodecPolicy policy) {
    this.policy = policy;
  }

  void encode(Message.Zeroes run, ByteBuffer target) {
    fields(
        run.region(), Codec.ZERO, run.settled(), run.firstPage(), run.pages(), run.round(), target);
    target.putInt(0);
  }

  /**
   * Fields and, when they compress, bytes into {@code target}.
   *
   * @param data the run's bytes as a buffer
   * @return whether {@code data} has to follow as it is
   */
  boolean encode(Message.Pages run, ByteBuffer data, ByteBuffer target) {
    crc.reset();
    crc.update(data.duplicate());
    int start = target.position();
    int bytesAt = start + Wire.PAGES_FIELDS_BYTES;
    Codec codec = policy.next(run.settled());
    int plain = data.remaining();
    int encoded = plain;
    if (codec != Codec.RAW) {
      // Not by the wall: what others took meanwhile says nothing about a codec.
      long began = clock.nanos();
      encoded =
          compress(
              codec, run.data(), MemorySegment.ofBuffer(target.slice(bytesAt, COMPRESSED_MAX)));
      policy.compressed(codec, plain, encoded, clock.nanos() - began);
    }
    boolean raw = encoded >= plain;
    fields(
        run.region(),
        raw ? Codec.RAW : codec,
        run.settled(),
        run.firstPage(),
        run.pages(),
        run.round(),
        target);
    target.putInt((int) crc.getValue());
    if (!raw) {
      target.position(bytesAt + encoded);
    }
    return raw;
  }

  /**
   * Pages {@code from} to {@code from + pages} of a run as a reference.
   *
   * @param base the number of the first of the equal ones
   */
  void encode(Message.Pages run, int from, int pages, long base, ByteBuffer target) {
    crc.reset();
    crc.update(part(run, from, pages).asByteBuffer());
    fields(
        run.region(),
        Codec.BASE,
        run.settled(),
        run.firstPage() + from,
        pages,
        run.round(),
        target);
    target.putInt((int) crc.getValue()).putInt((int) base);
  }

  /** The bytes of pages {@code from} to {@code from + pages} of a run. */
  static MemorySegment part(Message.Pages run, int from, int pages) {
    return run.data().asSlice((long) from * Bounds.PAGE_BYTES, (long) pages * Bounds.PAGE_BYTES);
  }

  private int compress(Codec codec, MemorySegment data, MemorySegment target) {
    return codec == Codec.LZ4 ? Lz4.compress(data, target) : zstd.compress(data, target);
  }

  private static void fields(
      int region,
      Codec codec,
      boolean settled,
      long firstPage,
      int pages,
      int round,
      ByteBuffer target) {
    target.put((byte) region).put((byte) codec.code()).put((byte) (settled ? 1 : 0)).put((byte) 0);
    target.putInt((int) firstPage).putShort((short) pages).putShort((short) 0).putInt(round);
  }
}
