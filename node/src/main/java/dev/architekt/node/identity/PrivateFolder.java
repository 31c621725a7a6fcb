package dev.architekt.node.identity;

import dev.architekt.node.CommandName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * A folder that is this user's alone: mode 0700, no symbolic link, nobody else's; and so are the
 * files in it. Whoever could change them could say whom this node trusts.
 */
public final class PrivateFolder {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private final Path path;

  private PrivateFolder(Path path) {
    this.path = path;
  }

  /** The folder as it is; it need not exist. */
  static PrivateFolder at(Path path) throws IOException {
    PrivateFolder folder = new PrivateFolder(path.toAbsolutePath().normalize());
    if (Files.exists(folder.path, LinkOption.NOFOLLOW_LINKS)) {
      require(folder.path, true);
    }
    return folder;
  }

  /** Made, with its parents, if there is none. */
  static PrivateFolder make(Path path) throws IOException {
    PrivateFolder folder = at(path);
    if (!Files.exists(folder.path)) {
      Files.createDirectories(folder.path.getParent());
      try {
        Files.createDirectory(folder.path, mode("rwx------"));
      } catch (FileAlreadyExistsException e) {
        require(folder.path, true); // somebody was quicker
      }
    }
    return folder;
  }

  private static java.nio.file.attribute.FileAttribute<?> mode(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  /**
   * Fails unless {@code path} is this user's alone.
   *
   * @param folder what it should be: a folder, or else a file
   */
  public static void require(Path path, boolean folder) throws IOException {
    String kind = folder ? "folder" : "file";
    if (Files.isSymbolicLink(path)) {
      throw new IOException(
          path
              + " is a symbolic link, which somebody may turn elsewhere; name the "
              + kind
              + " itself");
    }
    boolean right =
        folder
            ? Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            : Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    if (!right) {
      throw new IOException(path + ": expected a " + kind + ", found something else");
    }
    int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    int user = user();
    if (owner != user) {
      throw new IOException(
          path
              + " belongs to user "
              + owner
              + ", and this is user "
              + user
              + ", who alone may own it: chown it, or name another one");
    }
    Set<PosixFilePermission> mode =
        EnumSet.copyOf(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    mode.retainAll(OTHERS);
    if (!mode.isEmpty()) {
      throw new IOException(
          path
              + " can be reached by other users; take that from them: chmod "
              + (folder ? "700 " : "600 ")
              + path);
    }
  }

  /** Who this process is to the kernel. */
  public static int user() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  Path path() {
    return path;
  }

  Path file(String name) {
    return path.resolve(name);
  }

  boolean has(String name) {
    return Files.exists(file(name), LinkOption.NOFOLLOW_LINKS);
  }

  /** Replaces a file whole; mode 0600, durable. */
  void write(String name, byte[] content) throws IOException {
    Path fresh = path.resolve(name + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            mode("rw-------"))) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(
        fresh,
        path.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** What is done while nobody else changes the folder. */
  interface Change<T> {
    T make() throws IOException;
  }

  <T> T alone(Change<T> change) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                file("lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                mode("rw-------"));
        FileLock lock = channel.lock()) {
      return change.make();
    } catch (NoSuchFileException e) {
      throw new IOException(
          path
              + ": no such folder; make an identity with: "
              + CommandName.typed()
              + " identity create",
          e);
    }
  }
}
