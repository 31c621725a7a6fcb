package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Zstandard frames (RFC 8878) by the host's {@code libzstd.so.1}, of which every Debian has one.
 *
 * <p>Holds the tables of one compression and one decompression at a time (a megabyte of native
 * memory at most, freed when this is garbage). Confined to one thread at a time. Segments are
 * native (a direct buffer's).
 */
public final class Zstd {
  /** zstd.h: the fastest level whose ratio is still worth it; 0.6 GB/s on the machines measured. */
  private static final int LEVEL = 1;

  private static final FunctionDescriptor CREATE = FunctionDescriptor.of(POINTER);
  private static final FunctionDescriptor FREE = FunctionDescriptor.of(LONG, POINTER);
  private static final MethodHandle CREATE_COMPRESSION =
      Library.ZSTD.function("ZSTD_createCCtx", CREATE);
  private static final MethodHandle FREE_COMPRESSION = Library.ZSTD.function("ZSTD_freeCCtx", FREE);
  private static final MethodHandle COMPRESS =
      Library.ZSTD.function(
          "ZSTD_compressCCtx",
          FunctionDescriptor.of(LONG, POINTER, POINTER, LONG, POINTER, LONG, INT));
  private static final MethodHandle CREATE_DECOMPRESSION =
      Library.ZSTD.function("ZSTD_createDCtx", CREATE);
  private static final MethodHandle FREE_DECOMPRESSION =
      Library.ZSTD.function("ZSTD_freeDCtx", FREE);
  private static final MethodHandle DECOMPRESS =
      Library.ZSTD.function(
          "ZSTD_decompressDCtx",
          FunctionDescriptor.of(LONG, POINTER, POINTER, LONG, POINTER, LONG));
  private static final MethodHandle IS_ERROR =
      Library.ZSTD.function("ZSTD_isError", FunctionDescriptor.of(INT, LONG));

  private MemorySegment compression;
  private MemorySegment decompression;

  /** Most bytes that {@link #compress} writes for {@code bytes}: zstd.h, ZSTD_COMPRESSBOUND. */
  public static int bound(int bytes) {
    int margin = bytes < 128 << 10 ? ((128 << 10) - bytes) >> 11 : 0;
    return bytes + (bytes >> 8) + margin;
  }

  /**
   * One frame of all of {@code source} at the beginning of {@code target}.
   *
   * @param target of at least {@link #bound} bytes
   * @return the frame's bytes
   */
  public int compress(MemorySegment source, MemorySegment target) {
    if (compression == null) {
      compression = create(CREATE_COMPRESSION, FREE_COMPRESSION);
    }
    try {
      // Safe: both lengths go along, and the callers' frames keep both segments alive.
      long written =
          (long)
              COMPRESS.invokeExact(
                  compression, target, target.byteSize(), source, source.byteSize(), LEVEL);
      if (isError(written)) {
        throw new IllegalArgumentException(
            "zstd: " + target.byteSize() + " bytes are too few for " + source.byteSize());
      }
      return Math.toIntExact(written);
    } catch (IllegalArgumentException e) {
      throw e; // also a segment on the heap, or one that is closed
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /**
   * The bytes of whole frames; never writes outside {@code target}, whatever they hold.
   *
   * @return how many bytes they had; negative if these are no frames, or have more than fit
   */
  public int decompress(MemorySegment source, MemorySegment target) {
    if (decompression == null) {
      decompression = create(CREATE_DECOMPRESSION, FREE_DECOMPRESSION);
    }
    try {
      long written =
          (long)
              DECOMPRESS.invokeExact(
                  decompression, target, target.byteSize(), source, source.byteSize());
      return isError(written) ? -1 : Math.toIntExact(written);
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static boolean isError(long result) throws Throwable {
    return (int) IS_ERROR.invokeExact(result) != 0;
  }

  private static MemorySegment create(MethodHandle create, MethodHandle free) {
    try {
      MemorySegment context = (MemorySegment) create.invokeExact();
      if (context.address() == 0) {
        throw new OutOfMemoryError("zstd: no native memory for its tables");
      }
      return context.reinterpret(Arena.ofAuto(), c -> destroy(free, c.address()));
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static void destroy(MethodHandle free, long address) {
    try {
      long ignored = (long) free.invokeExact(MemorySegment.ofAddress(address));
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
