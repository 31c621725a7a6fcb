package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Waits for several descriptors to become readable, with a limit in nanoseconds (ppoll(2)). For one
 * platform thread: it blocks in the kernel. The descriptors stay their owner's.
 */
public final class Poll implements AutoCloseable {
  private static final MethodHandle PPOLL =
      Native.function("ppoll", FunctionDescriptor.of(INT, POINTER, LONG, POINTER, POINTER));
  private static final short POLLIN = 1;

  // struct pollfd { int fd; short events; short revents; }
  private static final long POLLFD_SIZE = 8;
  private static final long EVENTS = 4;
  private static final long REVENTS = 6;
  private static final long NANOS = 1_000_000_000L;

  private final Arena arena = Arena.ofConfined();
  private final int count;
  private final MemorySegment entries;
  private final MemorySegment limit = arena.allocate(16, 8); // struct timespec

  /** Made by the thread that waits. */
  public Poll(List<Fd> descriptors) {
    count = descriptors.size();
    entries = arena.allocate(count * POLLFD_SIZE, 8);
    for (int i = 0; i < count; i++) {
      entries.set(INT, i * POLLFD_SIZE, descriptors.get(i).number());
      entries.set(ValueLayout.JAVA_SHORT, i * POLLFD_SIZE + EVENTS, POLLIN);
    }
  }

  /**
   * Waits until one can be read, or has ended, or {@code nanos} have passed; also returns when a
   * signal comes.
   */
  public void await(long nanos) throws LinuxException {
    limit.set(LONG, 0, Math.max(0, nanos) / NANOS);
    limit.set(LONG, 8, Math.max(0, nanos) % NANOS);
    try {
      // Safe: the entries and the timespec are ours and outlive the call; no signal mask is set.
      int ready =
          (int) PPOLL.invokeExact(Native.state(), entries, (long) count, limit, MemorySegment.NULL);
      if (ready < 0 && Native.errno() != Errno.EINTR) {
        throw new LinuxException("ppoll", count + " descriptors", Native.errno());
      }
      if (ready <= 0) {
        for (int i = 0; i < count; i++) {
          entries.set(ValueLayout.JAVA_SHORT, i * POLLFD_SIZE + REVENTS, (short) 0);
        }
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Whether the last wait found something to read at descriptor {@code index}, or its end. */
  public boolean readable(int index) {
    return entries.get(ValueLayout.JAVA_SHORT, index * POLLFD_SIZE + REVENTS) != 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
