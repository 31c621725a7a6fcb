package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A flag that a thread can wait for together with a descriptor (eventfd(2), poll(2)). Once raised
 * it stays so.
 */
public final class EventFd implements AutoCloseable {
  private static final int EFD_CLOEXEC = 02000000;
  private static final int EFD_NONBLOCK = 04000;
  private static final short POLLIN = 1;
  private static final long POLLFD_SIZE = 8;

  private static final MethodHandle EVENTFD =
      Native.function("eventfd", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle POLL =
      Native.function("poll", FunctionDescriptor.of(INT, POINTER, LONG, INT));

  private final Fd fd;

  private EventFd(Fd fd) {
    this.fd = fd;
  }

  public static EventFd create(String name) throws LinuxException {
    try {
      int number = (int) EVENTFD.invokeExact(Native.state(), 0, EFD_CLOEXEC | EFD_NONBLOCK);
      if (number < 0) {
        throw new LinuxException("eventfd", name, Native.errno());
      }
      return new EventFd(new Fd(number, name));
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Raises the flag: every wait for it ends, now and later. */
  public void raise() throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      fd.write(arena.allocateFrom(LONG, 1L));
    }
  }

  /**
   * Waits until {@code other} can be read (or has ended), the flag is raised, or {@code millis}
   * have passed (negative: for ever). Blocks in the kernel: for platform threads.
   *
   * @return whether {@code other} can be read and the flag is not raised
   */
  public boolean awaitReadable(Fd other, int millis) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // struct pollfd { int fd; short events; short revents; }, twice
      MemorySegment entries = arena.allocate(2 * POLLFD_SIZE, 8);
      entries.set(INT, 0, fd.number());
      entries.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      entries.set(INT, POLLFD_SIZE, other.number());
      entries.set(ValueLayout.JAVA_SHORT, POLLFD_SIZE + 4, POLLIN);
      int ready;
      do {
        // Safe: two entries of ours, which outlive the call.
        ready = (int) POLL.invokeExact(Native.state(), entries, 2L, millis);
      } while (ready < 0 && Native.errno() == Errno.EINTR && millis < 0);
      if (ready < 0 && Native.errno() != Errno.EINTR) {
        throw new LinuxException("poll", other.name(), Native.errno());
      }
      boolean raised = ready > 0 && entries.get(ValueLayout.JAVA_SHORT, 6) != 0;
      return ready > 0 && !raised && entries.get(ValueLayout.JAVA_SHORT, POLLFD_SIZE + 6) != 0;
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
