package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Files that have no name until they are complete (open(2), O_TMPFILE): whatever happens before
 * {@link #link}, kill -9 included, the kernel removes them.
 */
public final class UnnamedFile {
  // O_DIRECTORY, part of O_TMPFILE, is one of the few flags that differ between architectures.
  private static final int O_DIRECTORY =
      System.getProperty("os.arch").equals("aarch64") ? 040000 : 0200000;
  private static final int O_TMPFILE = 020000000 | O_DIRECTORY;
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_FOLLOW = 0x400;

  private static final MethodHandle LINKAT =
      Native.function("linkat", FunctionDescriptor.of(INT, INT, POINTER, INT, POINTER, INT));

  private UnnamedFile() {}

  /**
   * A new empty file in {@code directory}'s file system, for reading and writing. File systems
   * without the ability fail with EOPNOTSUPP, EISDIR or EINVAL.
   */
  public static Fd create(String directory, int mode) throws LinuxException {
    return Fd.open(directory, O_TMPFILE | Fd.O_RDWR, mode);
  }

  /**
   * Gives the file the name {@code path}, which must be free (else EEXIST) and in the same file
   * system.
   */
  public static void link(Fd file, String path) throws LinuxException {
    String self = "/proc/self/fd/" + file.number();
    try (Arena arena = Arena.ofConfined()) {
      // Safe: both paths are NUL-terminated copies that outlive the call.
      int result =
          (int)
              LINKAT.invokeExact(
                  Native.state(),
                  AT_FDCWD,
                  arena.allocateFrom(self),
                  AT_FDCWD,
                  arena.allocateFrom(path),
                  AT_SYMLINK_FOLLOW);
      if (result < 0) {
        throw new LinuxException("linkat", path, Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
