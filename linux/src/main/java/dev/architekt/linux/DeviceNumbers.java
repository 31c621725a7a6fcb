package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Which device a file lies on, without asking the file system behind it (statx(2),
 * AT_STATX_DONT_SYNC).
 */
public final class DeviceNumbers {
  private static final int AT_FDCWD = -100;
  private static final int AT_STATX_DONT_SYNC = 0x4000;
  private static final long STATX_SIZE = 256;
  private static final long STX_DEV_MAJOR = 136;
  private static final long STX_DEV_MINOR = 140;

  private static final MethodHandle STATX =
      Native.function("statx", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));

  private DeviceNumbers() {}

  /** A device's number, as in {@code /sys/class/bdi/<major>:<minor>}. */
  public record DeviceNumber(int major, int minor) {}

  /**
   * The device of the file at {@code path}, links followed. Does not wait for a FUSE server that is
   * silent, provided that the path leads over no directory of its.
   */
  public static DeviceNumber of(String path) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(STATX_SIZE, 8);
      // Safe: the path is a NUL-terminated copy, and the result has the size of struct statx.
      int outcome =
          (int)
              STATX.invokeExact(
                  Native.state(),
                  AT_FDCWD,
                  arena.allocateFrom(path),
                  AT_STATX_DONT_SYNC,
                  0,
                  result);
      if (outcome < 0) {
        throw new LinuxException("statx", path, Native.errno());
      }
      return new DeviceNumber(result.get(INT, STX_DEV_MAJOR), result.get(INT, STX_DEV_MINOR));
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** The device of an open file. */
  public static DeviceNumber of(Fd fd) throws LinuxException {
    return of("/proc/self/fd/" + fd.number());
  }
}
