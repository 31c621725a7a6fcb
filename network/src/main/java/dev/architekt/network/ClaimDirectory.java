package dev.architekt.network;

import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/**
 * The directory in which all node processes of a machine write down what they claimed, one file a
 * namespace. A file appears and changes whole or not at all.
 *
 * <p>Deciding that a claim is nobody's and removing it happens under one lock, which also guards
 * the settings of uplinks that several claims share.
 */
final class ClaimDirectory {
  private static final String SUFFIX = ".claim";
  private static final int RECORD_MAX = 4096;
  private static final int LOCK_SECONDS_MAX = 60;

  private final Path directory;

  ClaimDirectory(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
  }

  Path path() {
    return directory;
  }

  /**
   * Runs {@code work} while no other thread or process does so. Call it on an uninterruptible
   * thread.
   */
  <T> T locked(Callable<T> work) throws Exception {
    Path file = directory.resolve("lock");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long deadline = System.nanoTime() + LOCK_SECONDS_MAX * 1_000_000_000L;
      while (true) {
        try (FileLock lock = tryLock(channel)) {
          if (lock != null) {
            return work.call();
          }
        }
        if (System.nanoTime() - deadline > 0) {
          throw new NetworkException(
              Problem.CLAIMS_LOCKED,
              file + " has been locked by another process for " + LOCK_SECONDS_MAX + " s",
              "find it with `fuser " + file + "`");
        }
        Thread.sleep(2);
      }
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another thread of this process
    }
  }

  /** Writes the record of a new claim; false when its namespace is claimed already. */
  boolean create(ClaimRecord record) throws IOException {
    Path temporary = write(record.text());
    try {
      Files.createLink(fileOf(record.namespace()), temporary); // atomic, exclusive, with content
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  void replace(ClaimRecord record) throws IOException {
    Path temporary = write(record.text());
    try {
      Files.move(temporary, fileOf(record.namespace()), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new AssertionError("a rename within one directory is atomic", e);
    }
  }

  void delete(ClaimRecord record) throws IOException {
    if (find(record.namespace()).filter(found -> found.id().equals(record.id())).isPresent()) {
      Files.deleteIfExists(fileOf(record.namespace()));
    }
  }

  Optional<ClaimRecord> find(String namespace) throws IOException {
    Path file = fileOf(namespace);
    try {
      if (Files.size(file) > RECORD_MAX) {
        throw unreadable(file, null);
      }
      return Optional.of(ClaimRecord.parse(Files.readString(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      throw unreadable(file, e);
    }
  }

  List<ClaimRecord> list() throws IOException {
    List<ClaimRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        find(name.substring(0, name.length() - SUFFIX.length())).ifPresent(records::add);
      }
    }
    return records;
  }

  private static NetworkException unreadable(Path file, Exception cause) {
    return new NetworkException(
        Problem.CLAIM_UNREADABLE,
        file + " is no claim record" + (cause == null ? "" : " (" + cause.getMessage() + ")"),
        "remove the file, and `ip netns delete` the namespace it is named for",
        cause);
  }

  private Path write(String text) throws IOException {
    Path file = directory.resolve("new-" + UUID.randomUUID());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    return file;
  }

  private Path fileOf(String namespace) {
    return directory.resolve(namespace + SUFFIX);
  }
}
