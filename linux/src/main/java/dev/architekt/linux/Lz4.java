package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * LZ4 blocks (<a href="https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md">format</a>) by
 * the host's {@code liblz4.so.1}, of which every Debian has one. Machine code from the first call
 * on: a process that moves an instance lives for too short a time to get Java code compiled well.
 *
 * <p>No state, any thread. Segments are native (a direct buffer's).
 */
public final class Lz4 {
  private static final FunctionDescriptor COPY =
      FunctionDescriptor.of(INT, POINTER, POINTER, INT, INT);
  private static final MethodHandle COMPRESS = Library.LZ4.function("LZ4_compress_default", COPY);
  private static final MethodHandle DECOMPRESS = Library.LZ4.function("LZ4_decompress_safe", COPY);

  private Lz4() {}

  /** Most bytes that {@link #compress} writes for {@code bytes}: lz4.h, LZ4_COMPRESSBOUND. */
  public static int bound(int bytes) {
    return bytes + bytes / 255 + 16;
  }

  /**
   * One block of all of {@code source} at the beginning of {@code target}.
   *
   * @param target of at least {@link #bound} bytes
   * @return the block's bytes
   */
  public static int compress(MemorySegment source, MemorySegment target) {
    int written = call(COMPRESS, source, target);
    if (written <= 0) {
      throw new IllegalArgumentException(
          "LZ4: " + target.byteSize() + " bytes are too few for " + source.byteSize());
    }
    return written;
  }

  /**
   * The bytes of one block; never writes outside {@code target}, whatever the block holds.
   *
   * @return how many bytes it had; negative if it is no block, or has more than fit
   */
  public static int decompress(MemorySegment source, MemorySegment target) {
    return call(DECOMPRESS, source, target);
  }

  private static int call(MethodHandle function, MemorySegment source, MemorySegment target) {
    int from = Math.toIntExact(source.byteSize());
    int room = Math.toIntExact(target.byteSize());
    try {
      // Safe: both lengths go along, and the callers' frames keep both segments alive.
      return (int) function.invokeExact(source, target, from, room);
    } catch (IllegalArgumentException e) {
      throw e; // a segment on the heap, or one that is closed
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
