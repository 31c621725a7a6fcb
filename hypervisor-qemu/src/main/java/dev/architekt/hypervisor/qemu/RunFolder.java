package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.linux.Fd;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * The folder of one machine: its sockets, console, output and record.
 *
 * <p>It belongs to us, and the unprivileged QEMU may pass through it but not write in it, so that
 * it cannot put a link where we will open a file; only {@code io/} is its own. Sockets are reached
 * by way of an open descriptor of the folder ({@code /proc/self/fd/N/…}): that is short enough for
 * a socket address (108 bytes) wherever the folder lies, and needs no rights on the folders above
 * it.
 */
final class RunFolder implements AutoCloseable {
  private static final int O_DIRECTORY = 0200000;
  static final String LOG = "qemu.log";
  private static final String RECORD = "machine.properties";

  private final Path path;
  private final Fd fd;

  private RunFolder(Path path, Fd fd) {
    this.path = path;
    this.fd = fd;
  }

  static RunFolder open(Path path) throws IOException {
    return new RunFolder(path, Fd.open(path.toString(), Fd.O_PATH | O_DIRECTORY, 0));
  }

  /**
   * Makes the folder ready for a new machine; what an earlier one left is removed, its console too.
   */
  static RunFolder create(Path path, Optional<String> user) throws IOException {
    Files.createDirectories(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    RunFolder folder = open(path);
    try {
      for (String name :
          List.of(
              RECORD,
              "qemu.pid",
              "qmp0.sock",
              "qmp1.sock",
              "agent.sock",
              "state.sock",
              "rehearsal.sock",
              "console.log",
              LOG,
              "io/incoming.sock")) {
        Files.deleteIfExists(path.resolve(name));
      }
      Path io = path.resolve("io");
      Files.createDirectories(io);
      Files.setPosixFilePermissions(io, PosixFilePermissions.fromString("rwx------"));
      if (user.isPresent()) {
        Files.setOwner(
            io,
            path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user.get()));
      }
      return folder;
    } catch (IOException e) {
      folder.close();
      throw e;
    }
  }

  /** Makes {@code file} belong to the user that QEMU became, which is the owner of {@code io/}. */
  void giveToQemu(Path file) throws IOException {
    Files.setOwner(file, Files.getOwner(path.resolve("io")));
  }

  /** QEMU makes its sockets with its own umask; whoever may connect commands the machine. */
  void closeToOthers(List<String> sockets) throws IOException {
    for (String name : sockets) {
      Files.setPosixFilePermissions(
          path.resolve(name), PosixFilePermissions.fromString("rw-------"));
    }
  }

  Fd fd() {
    return fd;
  }

  Path console() {
    return path.resolve("console.log");
  }

  /** What QEMU itself prints. */
  Path log() {
    return path.resolve(LOG);
  }

  /** Never read; its path marks the process in the process list ({@link OrphanSearch}). */
  static Path pidFile(Path folder) {
    return folder.resolve("qemu.pid");
  }

  Path file(String name) {
    return path.resolve(name);
  }

  /** The address of socket {@code name} for this process. */
  UnixDomainSocketAddress address(String name) {
    return UnixDomainSocketAddress.of(inside(fd.number(), name));
  }

  /**
   * The path of {@code name} for a process that has the folder open as descriptor {@code number}.
   */
  static String inside(int number, String name) {
    return "/proc/self/fd/" + number + "/" + name;
  }

  /**
   * Writes the record so that it is either there whole, also after a crash of the host, or not at
   * all.
   */
  void store(MachineRecord record) throws IOException {
    Path temporary = path.resolve(RECORD + ".new");
    try (FileChannel file =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer text = StandardCharsets.UTF_8.encode(record.toText());
      while (text.hasRemaining()) {
        file.write(text);
      }
      file.force(true);
    }
    Files.move(temporary, path.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  static Optional<MachineRecord> load(Path folder) throws IOException {
    Path file = folder.resolve(RECORD);
    return Files.exists(file)
        ? Optional.of(MachineRecord.parse(Files.readString(file)))
        : Optional.empty();
  }

  @Override
  public void close() {
    fd.close();
  }
}
