package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A file system in the making (fsopen(2), fsconfig(2), fsmount(2)): parameters are set one by one,
 * then {@link #mount()} gives a <em>detached</em> mount that is in no one's mount table and lasts
 * as long as something refers to it.
 *
 * <p>For one thread. The calls go through syscall(2), because C libraries older than 2.36 have no
 * names for them; the numbers are the same on every architecture that this project runs on.
 */
public final class FsContext implements AutoCloseable {
  private static final long SYS_FSOPEN = 430;
  private static final long SYS_FSCONFIG = 431;
  private static final long SYS_FSMOUNT = 432;
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int MOUNT_ATTR_NOSUID = 2;
  private static final int MOUNT_ATTR_NODEV = 4;

  private static final MethodHandle FSOPEN =
      Native.function("syscall", FunctionDescriptor.of(LONG, LONG, POINTER, INT), 1);
  private static final MethodHandle FSCONFIG =
      Native.function(
          "syscall", FunctionDescriptor.of(LONG, LONG, INT, INT, POINTER, POINTER, INT), 1);
  private static final MethodHandle FSMOUNT =
      Native.function("syscall", FunctionDescriptor.of(LONG, LONG, INT, INT, INT), 1);

  private final Fd context;
  private final String type;

  private FsContext(Fd context, String type) {
    this.context = context;
    this.type = type;
  }

  /**
   * Begins a file system of {@code type}, a name from {@code /proc/filesystems}; ENODEV if the
   * kernel has none.
   */
  public static FsContext open(String type) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: the name is a NUL-terminated copy that outlives the call.
      long fd =
          (long)
              FSOPEN.invokeExact(
                  Native.state(), SYS_FSOPEN, arena.allocateFrom(type), FSOPEN_CLOEXEC);
      if (fd < 0) {
        throw new LinuxException("fsopen", type, Native.errno());
      }
      return new FsContext(new Fd((int) fd, "context of a " + type + " file system"), type);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Sets parameter {@code key} to {@code value}. */
  public void set(String key, String value) throws LinuxException {
    configure(FSCONFIG_SET_STRING, key, value);
  }

  /** Switches on the parameter {@code key}, which takes no value. */
  public void enable(String key) throws LinuxException {
    configure(FSCONFIG_SET_FLAG, key, null);
  }

  /** Creates the file system (its superblock) from the parameters set so far. */
  public void create() throws LinuxException {
    configure(FSCONFIG_CMD_CREATE, null, null);
  }

  /**
   * A detached mount (nosuid, nodev) of the created file system; closing it undoes the mount unless
   * it was moved.
   */
  public Fd mount() throws LinuxException {
    try {
      long fd =
          (long)
              FSMOUNT.invokeExact(
                  Native.state(),
                  SYS_FSMOUNT,
                  context.number(),
                  FSMOUNT_CLOEXEC,
                  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
      if (fd < 0) {
        throw new LinuxException("fsmount", type, Native.errno());
      }
      return new Fd((int) fd, "detached mount of a " + type + " file system");
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private void configure(int command, String key, String value) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: both strings are NUL-terminated copies that outlive the call, or null where the
      // command takes none.
      MemorySegment keyText = key == null ? MemorySegment.NULL : arena.allocateFrom(key);
      MemorySegment valueText = value == null ? MemorySegment.NULL : arena.allocateFrom(value);
      long result =
          (long)
              FSCONFIG.invokeExact(
                  Native.state(), SYS_FSCONFIG, context.number(), command, keyText, valueText, 0);
      if (result < 0) {
        String what = key == null ? type : type + " " + key + (value == null ? "" : "=" + value);
        throw new LinuxException("fsconfig", what, Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
