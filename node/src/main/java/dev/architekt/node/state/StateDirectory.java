package dev.architekt.node.state;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Where one peer keeps what must outlive it: the instance, the records of what it started, the
 * local copies of regions, the authority.
 *
 * <pre>
 *   DIR/owner              pid and start time of the process that uses the directory
 *   DIR/instance.json      what the instance is (see {@link InstanceSpec})
 *   DIR/machine.json       the running hypervisor process: what adoption needs
 *   DIR/network.json       the namespace claim
 *   DIR/authority          who may run it (a {@link DurableRecord})
 *   DIR/regions/NAME/      the local copies
 *   DIR/blobs/SHA256       kernels and initial RAM disks, by content
 *   DIR/console.log        the guest's serial console
 *   DIR/status.json        what {@code architekt status} shows
 *   DIR/peer.log           what {@code architekt logs} shows, bounded; older lines in peer.log.1
 *   DIR/suspended.json     the VM that is suspended here, and DIR/suspended.ark, the package of it
 * </pre>
 *
 * Sockets lie in {@link #sockets()}, because a UNIX socket's path is limited to 107 bytes.
 */
public final class StateDirectory {
  /** The file of a directory that says what its process is doing. */
  public static final String STATUS = "status.json";

  /** Names of files that are kept here. */
  private static final Set<String> OWN =
      Set.of(
          "owner",
          "instance.json",
          "machine.json",
          "network.json",
          "authority",
          "journal",
          "kept-state",
          "node-id",
          "source.txt",
          "suspended.json",
          "peer.log",
          "console.log",
          STATUS);

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final Path RUNTIME = Path.of("/run/architekt");
  // In a folder of sockets, a link to the directory that it belongs to.
  private static final String HOME = "state-directory";

  private final Path path;
  private final Path sockets;

  private StateDirectory(Path path, Path sockets) {
    this.path = path;
    this.sockets = sockets;
  }

  /**
   * Opens the directory, making it (mode 0700) if there is none; a symbolic link in its place is
   * refused.
   */
  public static StateDirectory open(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    if (Files.isSymbolicLink(absolute)) {
      throw new IOException(
          "state directory " + absolute + " is a symbolic link; name the directory itself");
    }
    makePrivate(absolute);
    requireOwn(absolute);
    return new StateDirectory(absolute, socketsOf(absolute));
  }

  /** Where the sockets of {@code directory}'s VM lie while it runs; makes nothing. */
  public static Path socketsOf(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    CRC32C crc = new CRC32C();
    crc.update(absolute.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return RUNTIME.resolve(HexFormat.of().toHexDigits((int) crc.getValue()));
  }

  private static void makePrivate(Path directory) throws IOException {
    var owner = PosixFilePermissions.asFileAttribute(PRIVATE);
    try {
      if (directory.getParent() != null) {
        Files.createDirectories(directory.getParent());
      }
      Files.createDirectory(directory, owner);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(
            "state directory " + directory + " is not a directory; name another one", e);
      }
    }
  }

  /** Whoever owns it could put other memory under a VM, or another authority. */
  private static void requireOwn(Path directory) throws IOException {
    Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    Object user = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    if (!owner.equals(user)) {
      throw new IOException(
          "state directory "
              + directory
              + " belongs to user "
              + owner
              + ", and this is user "
              + user
              + ", who alone may own it: chown it, or name another one");
    }
    if (!PRIVATE.containsAll(Files.getPosixFilePermissions(directory))) {
      throw new IOException(
          "state directory "
              + directory
              + " can be reached by other users, and would hold the memory of a VM: chmod 700 "
              + directory);
    }
  }

  public Path path() {
    return path;
  }

  public Path file(String name) {
    return path.resolve(name);
  }

  /** The folder of the local copy of region {@code name}. */
  public Path region(String name) {
    return path.resolve("regions").resolve(name);
  }

  /**
   * The folder for sockets of this directory's VM; made on first use. The hypervisor's user may
   * pass through.
   */
  public Path sockets() throws IOException {
    Files.createDirectories(
        sockets,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    try {
      Files.createSymbolicLink(sockets.resolve(HOME), path);
    } catch (FileAlreadyExistsException e) {
      return sockets; // a predecessor's, and the same: the folder's name comes from the path
    }
    return sockets;
  }

  /** The directories of all VMs of this machine that run, or were left when they ended. */
  public static List<Path> inUse() throws IOException {
    List<Path> directories = new ArrayList<>();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(RUNTIME)) {
      for (Path folder : links) {
        Path link = folder.resolve(HOME);
        if (Files.isSymbolicLink(link)) {
          directories.add(Files.readSymbolicLink(link));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of(); // nothing has ever run here
    }
    directories.sort(Comparator.naturalOrder());
    return directories;
  }

  /** Removes the sockets and their folder; what is not there is no error. */
  public void removeSockets() throws IOException {
    if (!Files.isDirectory(sockets)) {
      return;
    }
    try (var files = Files.walk(sockets)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
    try (var others = Files.list(RUNTIME)) {
      if (others.findAny().isEmpty()) {
        Files.deleteIfExists(RUNTIME);
      }
    } catch (FileSystemException e) {
      return; // another peer came or went meanwhile, or the folder is a mount: it may stay
    }
  }

  /** Reads a small file whole, or nothing if there is none. */
  public Optional<byte[]> read(String name) throws IOException {
    Path file = path.resolve(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    long size = Files.size(file);
    if (size > 1 << 20) {
      throw new IOException(
          file + ": " + size + " bytes, expected a small record of at most 1 MiB");
    }
    return Optional.of(Files.readAllBytes(file));
  }

  /** Replaces a small file whole: after a crash there is the old content or the new one. */
  public void write(String name, byte[] content) throws IOException {
    Path file = path.resolve(name);
    Path fresh = path.resolve(name + ".new");
    try (var channel =
        java.nio.channels.FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      var buffer = java.nio.ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    try {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(file + ": this file system cannot replace a file atomically", e);
    }
  }

  /**
   * Removes all that {@link #write} and the rooms above keep here, and the directory if nothing
   * else is in it; nobody may be using it.
   */
  public void clear() throws IOException {
    removeSockets();
    for (String folder : new String[] {"regions", "blobs", "rehearsal"}) {
      deleteTree(path.resolve(folder));
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        if (OWN.contains(file.getFileName().toString().replaceFirst("\\.(new|1)$", ""))) {
          Files.deleteIfExists(file);
        }
      }
    }
    try {
      Files.delete(path);
    } catch (DirectoryNotEmptyException e) {
      return; // somebody else's files
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(folder);
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  public void delete(String name) throws IOException {
    Files.deleteIfExists(path.resolve(name));
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
