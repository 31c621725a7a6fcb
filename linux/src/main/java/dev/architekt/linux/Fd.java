package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor that this object owns, and the calls that work on any descriptor.
 *
 * <p>Thread-safe as far as the kernel is; {@link #close()} takes effect once, and a call after it
 * fails with EBADF rather than reaching a number that somebody else has got meanwhile. A {@code
 * close} that races with a call in progress is the caller's to prevent. Reads and writes retry on
 * EINTR.
 */
public final class Fd implements AutoCloseable {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_TRUNC = 01000;
  public static final int O_NONBLOCK = 04000;
  public static final int O_DSYNC = 010000;
  public static final int O_CLOEXEC = 02000000;
  public static final int O_PATH = 010000000;

  private static final MethodHandle OPEN =
      Native.function("open", FunctionDescriptor.of(INT, POINTER, INT, INT), 2);
  private static final MethodHandle CLOSE =
      Native.function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle READ =
      Native.function("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
  private static final MethodHandle WRITE =
      Native.function("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
  private static final MethodHandle PREAD =
      Native.function("pread", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
  private static final MethodHandle PWRITE =
      Native.function("pwrite", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
  private static final MethodHandle FSYNC =
      Native.function("fsync", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle FDATASYNC =
      Native.function("fdatasync", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle FTRUNCATE =
      Native.function("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
  private static final MethodHandle FALLOCATE =
      Native.function("fallocate", FunctionDescriptor.of(INT, INT, INT, LONG, LONG));
  private static final MethodHandle FADVISE =
      Native.function("posix_fadvise", FunctionDescriptor.of(INT, INT, LONG, LONG, INT));
  private static final MethodHandle FCNTL =
      Native.function("fcntl", FunctionDescriptor.of(INT, INT, INT, LONG), 2);
  private static final MethodHandle IOCTL =
      Native.function("ioctl", FunctionDescriptor.of(INT, INT, LONG, POINTER), 2);

  private static final int CLOSED = -1;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int POSIX_FADV_DONTNEED = 4;

  private final AtomicInteger number;
  private final String name;

  /** Takes over descriptor {@code number}; {@code name} is what error messages call it. */
  public Fd(int number, String name) {
    if (number < 0) {
      throw new IllegalArgumentException("descriptor " + number + " of " + name);
    }
    this.number = new AtomicInteger(number);
    this.name = name;
  }

  /** open(2); O_CLOEXEC is always added. {@code mode} counts only with O_CREAT. */
  public static Fd open(String path, int flags, int mode) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: the path is a NUL-terminated copy that outlives the call.
      int fd =
          (int) OPEN.invokeExact(Native.state(), arena.allocateFrom(path), flags | O_CLOEXEC, mode);
      return new Fd((int) checked(fd, "open", path), path);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** The descriptor's number, for calls that take one; −1 once closed. */
  public int number() {
    return number.get();
  }

  public String name() {
    return name;
  }

  public boolean isOpen() {
    return number.get() != CLOSED;
  }

  /** read(2) into {@code target}, once: at most {@code target.byteSize()} bytes, 0 at the end. */
  public long read(MemorySegment target) throws LinuxException {
    try {
      long n;
      do {
        n = (long) READ.invokeExact(Native.state(), number.get(), target, target.byteSize());
      } while (n < 0 && Native.errno() == Errno.EINTR);
      return checked(n, "read", name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** write(2) from {@code source}, once: the number of bytes taken. */
  public long write(MemorySegment source) throws LinuxException {
    try {
      long n;
      do {
        n = (long) WRITE.invokeExact(Native.state(), number.get(), source, source.byteSize());
      } while (n < 0 && Native.errno() == Errno.EINTR);
      return checked(n, "write", name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** pread(2) until {@code target} is full or the file ends; the number of bytes read. */
  public long readAt(long offset, MemorySegment target) throws LinuxException {
    long done = 0;
    try {
      while (done < target.byteSize()) {
        MemorySegment rest = target.asSlice(done);
        long n =
            (long)
                PREAD.invokeExact(
                    Native.state(), number.get(), rest, rest.byteSize(), offset + done);
        if (n < 0 && Native.errno() == Errno.EINTR) {
          continue;
        }
        if (checked(n, "pread", name) == 0) {
          break;
        }
        done += n;
      }
      return done;
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** pwrite(2) until all of {@code source} is written. */
  public void writeAt(long offset, MemorySegment source) throws LinuxException {
    long done = 0;
    try {
      while (done < source.byteSize()) {
        MemorySegment rest = source.asSlice(done);
        long n =
            (long)
                PWRITE.invokeExact(
                    Native.state(), number.get(), rest, rest.byteSize(), offset + done);
        if (n < 0 && Native.errno() == Errno.EINTR) {
          continue;
        }
        done += checked(n, "pwrite", name);
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** fsync(2): data and metadata are on stable storage. */
  public void sync() throws LinuxException {
    call(FSYNC, "fsync");
  }

  /** fdatasync(2): data, and the metadata needed to read it back. */
  public void syncData() throws LinuxException {
    call(FDATASYNC, "fdatasync");
  }

  /** ftruncate(2) to {@code size} bytes. */
  public void truncate(long size) throws LinuxException {
    try {
      checked((int) FTRUNCATE.invokeExact(Native.state(), number.get(), size), "ftruncate", name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /**
   * Reserves blocks for the range without changing the size (fallocate(2), FALLOC_FL_KEEP_SIZE).
   */
  public void reserve(long offset, long length) throws LinuxException {
    fallocate(FALLOC_FL_KEEP_SIZE, offset, length);
  }

  /** Gives the range's blocks back; it reads as zeroes (fallocate(2), FALLOC_FL_PUNCH_HOLE). */
  public void punchHole(long offset, long length) throws LinuxException {
    fallocate(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length);
  }

  private void fallocate(int mode, long offset, long length) throws LinuxException {
    try {
      checked(
          (int) FALLOCATE.invokeExact(Native.state(), number.get(), mode, offset, length),
          "fallocate",
          name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /**
   * Drops clean cached pages of the range (posix_fadvise(2), POSIX_FADV_DONTNEED). A hint: never
   * fails.
   */
  public void dropCache(long offset, long length) {
    try {
      int ignored =
          (int)
              FADVISE.invokeExact(
                  Native.state(), number.get(), offset, length, POSIX_FADV_DONTNEED);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** A second descriptor of the same open file, close-on-exec (fcntl(2), F_DUPFD_CLOEXEC). */
  public Fd duplicate() throws LinuxException {
    try {
      int fd = (int) FCNTL.invokeExact(Native.state(), number.get(), F_DUPFD_CLOEXEC, 0L);
      return new Fd((int) checked(fd, "fcntl(F_DUPFD_CLOEXEC)", name), name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** ioctl(2) with a pointer argument; the call's result. */
  public int ioctl(long request, MemorySegment argument) throws LinuxException {
    try {
      int result = (int) IOCTL.invokeExact(Native.state(), number.get(), request, argument);
      return (int) checked(result, "ioctl(0x" + Long.toHexString(request) + ")", name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private void call(MethodHandle function, String call) throws LinuxException {
    try {
      int result;
      do {
        result = (int) function.invokeExact(Native.state(), number.get());
      } while (result < 0 && Native.errno() == Errno.EINTR);
      checked(result, call, name);
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

  /** close(2), once. Errors are not reported: nothing that this project writes relies on them. */
  @Override
  public void close() {
    int fd = number.getAndSet(CLOSED);
    if (fd == CLOSED) {
      return;
    }
    try {
      int ignored = (int) CLOSE.invokeExact(Native.state(), fd);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  @Override
  public String toString() {
    return name + " (fd " + number.get() + ")";
  }
}
