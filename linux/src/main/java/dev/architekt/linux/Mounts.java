package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Putting mounts on paths and taking them away. Works in the mount namespace of the calling thread.
 */
public final class Mounts {
  private static final long SYS_MOVE_MOUNT = 429;
  private static final int AT_FDCWD = -100;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MNT_FORCE = 1;
  private static final int MNT_DETACH = 2;

  private static final MethodHandle MOVE_MOUNT =
      Native.function(
          "syscall", FunctionDescriptor.of(LONG, LONG, INT, POINTER, INT, POINTER, INT), 1);
  private static final MethodHandle UMOUNT2 =
      Native.function("umount2", FunctionDescriptor.of(INT, POINTER, INT));

  private Mounts() {}

  /**
   * Makes the detached {@code mount} visible at {@code path}, which must exist and be of the same
   * kind as the mount's root: a file for a file.
   */
  public static void attach(Fd mount, Path path) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: both strings are NUL-terminated copies that outlive the call.
      long result =
          (long)
              MOVE_MOUNT.invokeExact(
                  Native.state(),
                  SYS_MOVE_MOUNT,
                  mount.number(),
                  arena.allocateFrom(""),
                  AT_FDCWD,
                  arena.allocateFrom(path.toString()),
                  MOVE_MOUNT_F_EMPTY_PATH);
      checked(result, "move_mount", path);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /**
   * Takes the mount away from {@code path} at once; what is still open goes on working
   * (MNT_DETACH).
   */
  public static void detach(Path path) throws LinuxException {
    unmount(path, MNT_DETACH);
  }

  /**
   * Aborts the FUSE connection behind {@code path} and unmounts it if nothing uses it (MNT_FORCE).
   * EBUSY says that it was in use; the abort has taken place even so, and a {@link #detach}
   * afterwards removes it.
   */
  public static void abort(Path path) throws LinuxException {
    unmount(path, MNT_FORCE);
  }

  private static void unmount(Path path, int flags) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: the path is a NUL-terminated copy that outlives the call.
      int result =
          (int) UMOUNT2.invokeExact(Native.state(), arena.allocateFrom(path.toString()), flags);
      checked(result, "umount2", path);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static void checked(long result, String call, Path path) throws LinuxException {
    if (result < 0) {
      throw new LinuxException(call, path.toString(), Native.errno());
    }
  }
}
