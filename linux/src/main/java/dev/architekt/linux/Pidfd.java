package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A reference to one process that can never come to mean another: unlike a pid, it stays with the
 * process after its end. Thread-safe.
 *
 * <p>{@link #open} itself can still catch a reused pid. Whoever has a pid from a record opens
 * first, and then compares the start time in {@code /proc/<pid>/stat}.
 */
public final class Pidfd implements AutoCloseable {
  public static final int SIGINT = 2;
  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;

  private static final long SYS_PIDFD_SEND_SIGNAL = 424;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final long SYS_PIDFD_GETFD = 438;
  private static final short POLLIN = 1;
  private static final long POLLFD_SIZE = 8;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private static final MethodHandle PIDFD_OPEN =
      Native.function("syscall", FunctionDescriptor.of(LONG, LONG, INT, INT), 1);
  private static final MethodHandle PIDFD_GETFD =
      Native.function("syscall", FunctionDescriptor.of(LONG, LONG, INT, INT, INT), 1);
  private static final MethodHandle PIDFD_SEND_SIGNAL =
      Native.function("syscall", FunctionDescriptor.of(LONG, LONG, INT, INT, POINTER, INT), 1);
  private static final MethodHandle POLL =
      Native.function("poll", FunctionDescriptor.of(INT, POINTER, LONG, INT));

  private final Fd fd;
  private final long pid;

  private Pidfd(Fd fd, long pid) {
    this.fd = fd;
    this.pid = pid;
  }

  /** The process {@code pid}; ESRCH if there is none. */
  public static Pidfd open(long pid) throws LinuxException {
    int narrow = Math.toIntExact(pid);
    try {
      long fd = (long) PIDFD_OPEN.invokeExact(Native.state(), SYS_PIDFD_OPEN, narrow, 0);
      String name = "process " + pid;
      return new Pidfd(new Fd((int) checked(fd, "pidfd_open", name), name), pid);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  public long pid() {
    return pid;
  }

  /** The pidfd itself, for calls that take one; this object keeps owning it. */
  public Fd fd() {
    return fd;
  }

  /**
   * A duplicate (close-on-exec) of the process's descriptor {@code number}: the same open file.
   * EBADF if the process has no such descriptor, EPERM without the right to trace it, ESRCH if it
   * has ended.
   */
  public Fd descriptor(int number) throws LinuxException {
    try {
      long copy =
          (long) PIDFD_GETFD.invokeExact(Native.state(), SYS_PIDFD_GETFD, fd.number(), number, 0);
      String name = "descriptor " + number + " of process " + pid;
      return new Fd((int) checked(copy, "pidfd_getfd", name), name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /**
   * Sends {@code signal}; 0 only asks whether the process is there. ESRCH once it has ended and was
   * reaped.
   */
  public void signal(int signal) throws LinuxException {
    try {
      // Safe: a null siginfo lets the kernel fill in what kill(2) would.
      long result =
          (long)
              PIDFD_SEND_SIGNAL.invokeExact(
                  Native.state(),
                  SYS_PIDFD_SEND_SIGNAL,
                  fd.number(),
                  signal,
                  MemorySegment.NULL,
                  0);
      checked(result, "pidfd_send_signal " + signal, fd.name());
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Whether the process has ended (it may still be a zombie); does not wait. */
  public boolean hasEnded() throws LinuxException {
    return awaitEnd(0);
  }

  /**
   * Waits until the process has ended or {@code millis} have passed, and says whether it has. Works
   * for any process, not only for children. Blocks in the kernel: for platform threads.
   */
  public boolean awaitEnd(long millis) throws LinuxException {
    long deadline = System.nanoTime() + millis * NANOS_PER_MILLI;
    try (Arena arena = Arena.ofConfined()) {
      // struct pollfd { int fd; short events; short revents; }
      MemorySegment entry = arena.allocate(POLLFD_SIZE, 8);
      entry.set(INT, 0, fd.number());
      entry.set(java.lang.foreign.ValueLayout.JAVA_SHORT, 4, POLLIN);
      while (true) {
        long left = Math.max(0, (deadline - System.nanoTime()) / NANOS_PER_MILLI);
        int wait = (int) Math.min(Integer.MAX_VALUE, left);
        // Safe: one pollfd of ours, which outlives the call.
        int ready = (int) POLL.invokeExact(Native.state(), entry, 1L, wait);
        if (ready < 0 && Native.errno() == Errno.EINTR) {
          continue;
        }
        return checked(ready, "poll", fd.name()) > 0;
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static long checked(long result, String call, String object) throws LinuxException {
    if (result < 0) {
      throw new LinuxException(call, object, Native.errno());
    }
    return result;
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.name();
  }
}
