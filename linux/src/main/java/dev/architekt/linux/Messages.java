package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * read(2) and write(2) for loops over a message device, where errors are answers like any other:
 * nothing is retried and nothing is thrown; a negative result is an error number with its sign
 * turned. Allocates nothing.
 */
public final class Messages {
  private static final MethodHandle READ =
      Native.function("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
  private static final MethodHandle WRITE =
      Native.function("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));

  private Messages() {}

  /**
   * One read(2) into {@code target}: bytes read, 0 at the end, or −errno; −EINTR after a signal to
   * this thread.
   */
  public static long receive(Fd fd, MemorySegment target) {
    try {
      // Safe: the segment is native memory of at least the length given, and FFM keeps it alive
      // during the call.
      long n = (long) READ.invokeExact(Native.state(), fd.number(), target, target.byteSize());
      return n < 0 ? -Native.errno() : n;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** One write(2) of {@code source}: bytes taken, or −errno. */
  public static long send(Fd fd, MemorySegment source) {
    try {
      // Safe: as above; the kernel only reads the segment.
      long n = (long) WRITE.invokeExact(Native.state(), fd.number(), source, source.byteSize());
      return n < 0 ? -Native.errno() : n;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
