package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Network namespaces: make and remove named ones as {@code ip netns} does, and run code inside
 * them.
 *
 * <p>A namespace belongs to a thread, not to a process. Everything here that changes one therefore
 * happens on a platform thread of its own that ends with the call; the caller's thread never
 * changes. Sockets, descriptors and child processes made inside stay in that namespace afterwards.
 */
public final class Namespaces {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int CLONE_NEWNS = 0x00020000;
  private static final int CLONE_FS = 0x00000200;
  private static final long MS_BIND = 4096;
  private static final long MS_REC = 16384;
  private static final long MS_SHARED = 1 << 20;
  private static final int MNT_DETACH = 2;

  /** Where {@code ip netns} keeps its names. */
  public static final Path NAMED = Path.of("/run/netns");

  private static final MethodHandle SETNS =
      Native.function("setns", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle UNSHARE =
      Native.function("unshare", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle MOUNT =
      Native.function(
          "mount", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, POINTER));
  private static final MethodHandle UMOUNT =
      Native.function("umount2", FunctionDescriptor.of(INT, POINTER, INT));

  private Namespaces() {}

  /** The network namespace of the calling thread. */
  public static Fd currentNetwork() throws LinuxException {
    return Fd.open("/proc/thread-self/ns/net", Fd.O_RDONLY, 0);
  }

  /** The network namespace called {@code name} by {@code ip netns}. */
  public static Fd network(String name) throws LinuxException {
    return Fd.open(pathOf(name).toString(), Fd.O_RDONLY, 0);
  }

  /**
   * A path that opens the namespace {@code name} from here, also when this process has a mount
   * namespace of its own (as everything under {@code ip netns exec} has) and does not see the
   * mounts that were made since.
   */
  public static Path pathOf(String name) {
    return named(name, sharesRootWithInit() ? Path.of("/proc/1/root/run/netns") : NAMED);
  }

  /** The identity of an open network namespace while it exists (its inode number). */
  public static long inode(Fd namespace) throws IOException {
    String target =
        Files.readSymbolicLink(Path.of("/proc/self/fd/" + namespace.number())).toString();
    if (target.startsWith("net:[")) {
      return Long.parseLong(target.substring(5, target.length() - 1));
    }
    // Opened through a bind mount: the link shows the path, the file itself has the number.
    return (long) Files.getAttribute(Path.of("/proc/self/fd/" + namespace.number()), "unix:ino");
  }

  /**
   * Makes an empty network namespace and binds it to {@code name} under {@link #NAMED},
   * exclusively.
   *
   * @throws LinuxException with EEXIST when the name is taken
   */
  public static void createNetwork(String name) throws IOException {
    onThread(
        "netns-create-" + name,
        () -> {
          enterInitMounts();
          ensureNamedDirectory();
          Path path = named(name, NAMED);
          Fd.open(path.toString(), Fd.O_RDONLY | Fd.O_CREAT | Fd.O_EXCL, 0).close();
          try {
            unshare(CLONE_NEWNET);
            mount("/proc/thread-self/ns/net", path.toString(), MS_BIND);
          } catch (LinuxException e) {
            Files.deleteIfExists(path);
            throw e;
          }
          return null;
        });
  }

  /**
   * Removes the name; the namespace itself ends with its last process and descriptor. Does nothing
   * when the name does not exist.
   */
  public static void deleteNetwork(String name) throws IOException {
    onThread(
        "netns-delete-" + name,
        () -> {
          enterInitMounts();
          Path path = named(name, NAMED);
          if (Files.exists(path)) {
            try {
              umount(path.toString());
            } catch (LinuxException e) {
              if (e.errno() != Errno.EINVAL) { // EINVAL: a file without a mount, from a crash
                throw e;
              }
            }
            Files.deleteIfExists(path);
          }
          return null;
        });
  }

  /**
   * Runs {@code work} inside the network namespace {@code namespace}, on a platform thread called
   * {@code threadName} that ends with it, and waits for it. Processes that {@code work} starts are
   * born there.
   */
  public static <T> T inNetwork(Fd namespace, String threadName, Callable<T> work)
      throws IOException {
    return onThread(
        threadName,
        () -> {
          setns(namespace, CLONE_NEWNET);
          return work.call();
        });
  }

  private static <T> T onThread(String name, Callable<T> work) throws IOException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().name(name).daemon(true).start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          // Half a change is worse than a late one: finish, then tell the caller.
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      switch (cause) {
        case IOException io -> throw io;
        case RuntimeException r -> throw r;
        case Error error -> throw error;
        default -> throw new IOException(name + " failed: " + cause, cause);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * {@code ip netns exec} gives its children private mounts; a name that is made there would be an
   * empty file for everybody else. So names are made where PID 1 sees them, unless this process
   * lives in another root (a container, whose own view is then the one that counts).
   */
  private static void enterInitMounts() throws IOException {
    Path init = Path.of("/proc/1/ns/mnt");
    if (!sharesRootWithInit()
        || Files.readSymbolicLink(init)
            .equals(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/mnt")))) {
      return;
    }
    try (Fd mounts = Fd.open(init.toString(), Fd.O_RDONLY, 0)) {
      unshare(CLONE_FS); // a thread may change mounts only with a root and a directory of its own
      setns(mounts, CLONE_NEWNS);
    }
  }

  private static boolean sharesRootWithInit() {
    try {
      Path own = Path.of("/");
      Path init = Path.of("/proc/1/root/");
      return Files.getAttribute(own, "unix:ino").equals(Files.getAttribute(init, "unix:ino"))
          && Files.getAttribute(own, "unix:dev").equals(Files.getAttribute(init, "unix:dev"));
    } catch (IOException e) {
      return false; // not allowed to look, or no /proc of ours: use our own view
    }
  }

  /** The mount must be shared, or processes started earlier never learn of new names. */
  private static void ensureNamedDirectory() throws IOException {
    Files.createDirectories(NAMED);
    try {
      mount("", NAMED.toString(), MS_SHARED | MS_REC);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINVAL) { // EINVAL: not a mount point yet
        throw e;
      }
      mount(NAMED.toString(), NAMED.toString(), MS_BIND | MS_REC);
      mount("", NAMED.toString(), MS_SHARED | MS_REC);
    }
  }

  private static Path named(String name, Path directory) {
    if (!name.matches("[A-Za-z0-9_.-]{1,64}") || name.startsWith(".")) {
      throw new IllegalArgumentException("namespace name '" + name + "'");
    }
    return directory.resolve(name);
  }

  private static void setns(Fd namespace, int type) throws LinuxException {
    try {
      // Safe: plain integers; changes the calling thread only, which is one of ours.
      if ((int) SETNS.invokeExact(Native.state(), namespace.number(), type) < 0) {
        throw new LinuxException("setns", namespace.name(), Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static void unshare(int flags) throws LinuxException {
    try {
      // Safe: plain integer; changes the calling thread only, which is one of ours.
      if ((int) UNSHARE.invokeExact(Native.state(), flags) < 0) {
        throw new LinuxException("unshare", "0x" + Integer.toHexString(flags), Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static void mount(String source, String target, long flags) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: both paths are NUL-terminated copies that outlive the call; type and data are unused.
      int result =
          (int)
              MOUNT.invokeExact(
                  Native.state(),
                  arena.allocateFrom(source),
                  arena.allocateFrom(target),
                  arena.allocateFrom("none"),
                  flags,
                  MemorySegment.NULL);
      if (result < 0) {
        throw new LinuxException("mount", target, Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static void umount(String target) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: the path is a NUL-terminated copy that outlives the call.
      if ((int) UMOUNT.invokeExact(Native.state(), arena.allocateFrom(target), MNT_DETACH) < 0) {
        throw new LinuxException("umount2", target, Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
