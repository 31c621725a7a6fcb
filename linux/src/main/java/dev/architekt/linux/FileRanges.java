package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Where a sparse file holds data, and writing a part of it back early. */
public final class FileRanges {
  private static final MethodHandle LSEEK =
      Native.function("lseek", FunctionDescriptor.of(LONG, INT, LONG, INT));
  private static final MethodHandle SYNC_FILE_RANGE =
      Native.function("sync_file_range", FunctionDescriptor.of(INT, INT, LONG, LONG, INT));

  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int ENXIO = 6;
  private static final int SYNC_FILE_RANGE_WRITE = 2;

  private FileRanges() {}

  /**
   * The first byte at or after {@code offset} that the file holds data for, or −1 if only a hole
   * follows (lseek(2), SEEK_DATA). Moves the descriptor's file position, which calls with an offset
   * of their own do not use.
   */
  public static long nextData(Fd file, long offset) throws LinuxException {
    return seek(file, offset, SEEK_DATA, "lseek(SEEK_DATA)");
  }

  /**
   * The first byte at or after {@code offset} in a hole; the file's end counts as one. −1 behind
   * the end.
   */
  public static long nextHole(Fd file, long offset) throws LinuxException {
    return seek(file, offset, SEEK_HOLE, "lseek(SEEK_HOLE)");
  }

  private static long seek(Fd file, long offset, int whence, String call) throws LinuxException {
    long result;
    try {
      // Safe: plain numbers only.
      result = (long) LSEEK.invokeExact(Native.state(), file.number(), offset, whence);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
    if (result >= 0) {
      return result;
    }
    int errno = Native.errno();
    if (errno == ENXIO) {
      return -1;
    }
    throw new LinuxException(call, file.name(), errno);
  }

  /**
   * Starts writing the range's dirty pages to disk and does not wait for it (sync_file_range(2)). A
   * hint: gives no durability and reports no error, which the next fdatasync does.
   */
  public static void startWriteback(Fd file, long offset, long length) {
    try {
      // Safe: plain numbers only.
      int ignored =
          (int)
              SYNC_FILE_RANGE.invokeExact(
                  Native.state(), file.number(), offset, length, SYNC_FILE_RANGE_WRITE);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
