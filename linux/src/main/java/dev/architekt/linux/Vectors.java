package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Reads and writes that gather or scatter over several segments in one call (readv(2), writev(2)).
 */
public final class Vectors {
  /** The most segments of one call (the kernel's UIO_MAXIOV). */
  public static final int SEGMENTS_MAX = 1024;

  private static final long IOVEC_SIZE = 16;

  private static final MethodHandle READV =
      Native.function("readv", FunctionDescriptor.of(LONG, INT, POINTER, INT));
  private static final MethodHandle WRITEV =
      Native.function("writev", FunctionDescriptor.of(LONG, INT, POINTER, INT));

  private Vectors() {}

  /** Writes the segments (native memory, in order) with one call; the number of bytes taken. */
  public static long write(Fd fd, MemorySegment... sources) throws LinuxException {
    return transfer(WRITEV, "writev", fd, sources);
  }

  /**
   * Fills the segments (native memory, in order) with one call; the number of bytes read, 0 at the
   * end.
   */
  public static long read(Fd fd, MemorySegment... targets) throws LinuxException {
    return transfer(READV, "readv", fd, targets);
  }

  private static long transfer(MethodHandle function, String call, Fd fd, MemorySegment[] segments)
      throws LinuxException {
    if (segments.length > SEGMENTS_MAX) {
      throw new IllegalArgumentException(
          segments.length + " segments in one " + call + ", at most " + SEGMENTS_MAX);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vector = arena.allocate(IOVEC_SIZE * segments.length, 8);
      for (int i = 0; i < segments.length; i++) {
        vector.set(POINTER, i * IOVEC_SIZE, segments[i]);
        vector.set(LONG, i * IOVEC_SIZE + 8, segments[i].byteSize());
      }
      long n;
      do {
        // Safe: the vector outlives the call, and so do the segments, which the caller's array
        // keeps reachable.
        n = (long) function.invokeExact(Native.state(), fd.number(), vector, segments.length);
      } while (n < 0 && Native.errno() == Errno.EINTR);
      if (n < 0) {
        throw new LinuxException(call, fd.name(), Native.errno());
      }
      return n;
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    } finally {
      for (MemorySegment segment : segments) {
        java.lang.ref.Reference.reachabilityFence(segment.scope());
      }
    }
  }
}
