package dev.architekt.mount;

import dev.architekt.linux.DeviceNumbers;
import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.FsContext;
import dev.architekt.linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The kernel's list of FUSE connections, for clearing up after processes that died: a process that
 * is killed with a mounted file in its memory, and no server, stays in D state until its connection
 * is aborted.
 *
 * <p>Reads it from a private, detached mount of fusectl, so it need not be mounted anywhere.
 */
public final class FuseConnections {
  private static final String FUSE_CONNECTION = "fuse_connection:";
  private static final MemorySegment ONE = Arena.global().allocateFrom("1").asSlice(0, 1);

  private FuseConnections() {}

  /** Whether connection {@code id} exists. */
  public static boolean exists(int id) throws IOException {
    try (Fd control = control()) {
      return Files.isDirectory(directory(control, id));
    }
  }

  /**
   * Whether process {@code pid} has an end of connection {@code id}: the device, or a file on the
   * mount. Asks no server. True as well for a process that hangs while it ends.
   */
  public static boolean isHeldBy(int id, long pid) throws IOException {
    // Thread by thread: of a process that is ending, the first one often has gone, and another
    // hangs.
    for (Path thread : list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path descriptor : list(thread.resolve("fd"))) {
        if (isServerOf(id, thread.resolve("fdinfo").resolve(descriptor.getFileName()))
            || isFileOn(id, descriptor)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The entries of a directory under /proc; none if what it describes has gone. */
  private static List<Path> list(Path directory) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      List<Path> entries = new ArrayList<>();
      stream.forEach(entries::add);
      return entries;
    } catch (NoSuchFileException | DirectoryIteratorException e) {
      // The second is a thread that ended while its entries were being read (ESRCH).
      return List.of();
    }
  }

  private static boolean isServerOf(int id, Path descriptorInfo) throws IOException {
    try {
      return connectionIn(descriptorInfo).orElse(-1) == id;
    } catch (NoSuchFileException e) {
      // Closed since it was listed.
      return false;
    }
  }

  private static OptionalInt connectionIn(Path descriptorInfo) throws IOException {
    for (String line : Files.readAllLines(descriptorInfo)) {
      if (line.startsWith(FUSE_CONNECTION)) {
        return OptionalInt.of(Integer.parseInt(line.substring(FUSE_CONNECTION.length()).strip()));
      }
    }
    return OptionalInt.empty();
  }

  private static boolean isFileOn(int id, Path descriptor) throws IOException {
    try {
      DeviceNumbers.DeviceNumber device = DeviceNumbers.of(descriptor.toString());
      return device.major() == 0 && device.minor() == id;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTCONN) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Aborts connection {@code id} if process {@code holder} has an end of it: every request fails
   * with ENOTCONN or ECONNABORTED, now and later, and whatever hung in one goes on. Numbers of
   * connections are used again, so a record of one is not enough; the holder is what shows that it
   * is still the same. The caller has made sure that the pid is still the recorded process, by its
   * start time.
   *
   * @return whether there was such a connection with that holder
   */
  public static boolean abort(int id, long holder) throws IOException {
    try (Fd control = control()) {
      Path directory = directory(control, id);
      if (!Files.isDirectory(directory) || !isHeldBy(id, holder)) {
        return false;
      }
      try (Fd abort = Fd.open(directory.resolve("abort").toString(), Fd.O_WRONLY, 0)) {
        abort.write(ONE);
      }
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Aborts every connection of which {@code holder}, a process that does not end, has an end. As
   * for {@link #abort}, the caller knows that the process is the one it means.
   */
  public static void abortAllOf(long holder) throws IOException {
    List<Integer> ids = new ArrayList<>();
    try (Fd control = control();
        DirectoryStream<Path> all =
            Files.newDirectoryStream(Path.of("/proc/self/fd/" + control.number()))) {
      for (Path connection : all) {
        ids.add(Integer.parseInt(connection.getFileName().toString()));
      }
    }
    for (int id : ids) {
      abort(id, holder);
    }
  }

  private static Path directory(Fd control, int id) {
    return Path.of("/proc/self/fd/" + control.number(), Integer.toString(id));
  }

  /** The connection that {@code device}, a descriptor of {@code /dev/fuse}, serves. */
  static int of(Fd device) throws IOException {
    OptionalInt id = connectionIn(Path.of("/proc/self/fdinfo/" + device.number()));
    return id.orElseThrow(() ->
        new MountException(
            device
                + " is not a /dev/fuse with a mount behind it, or this kernel does not say which"));
  }

  private static Fd control() throws IOException {
    try (FsContext context = FsContext.open("fusectl")) {
      context.create();
      return context.mount();
    }
  }
}
