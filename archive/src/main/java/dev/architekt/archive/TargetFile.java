package dev.architekt.archive;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.UnnamedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file that appears under its name complete and durable, or not at all. It has no name while it
 * is written, so that even a killed process leaves nothing; where the file system cannot do that,
 * it has a hidden one that closing removes.
 *
 * <p>Used by one thread. Writes are not ended by an interrupt half-way; callers look at the
 * interrupt between writes.
 */
final class TargetFile implements AutoCloseable {
  private static final int BUFFER = 1 << 20;
  private static final int MODE = 0644;
  // What file systems without unnamed files answer, besides EINVAL.
  private static final int EOPNOTSUPP = 95;
  private static final int EISDIR = 21;

  private final Path target;
  private final Fd file;
  // Null while the file has no name of its own.
  private Path hidden;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(BUFFER);
  private long flushed;
  private int buffered;

  private TargetFile(Path target, Fd file, Path hidden) {
    this.target = target;
    this.file = file;
    this.hidden = hidden;
  }

  static TargetFile create(Path path) throws IOException {
    return create(path, true);
  }

  static TargetFile create(Path path, boolean unnamed) throws IOException {
    Path target = path.toAbsolutePath();
    Path directory = target.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory + ": no such directory; create it first");
    }
    if (Files.isDirectory(target)) {
      throw new IOException(target + " is a directory; name a file");
    }
    if (unnamed) {
      try {
        return new TargetFile(target, UnnamedFile.create(directory.toString(), MODE), null);
      } catch (LinuxException e) {
        if (e.errno() != EOPNOTSUPP && e.errno() != EISDIR && e.errno() != Errno.EINVAL) {
          throw e;
        }
        // This file system has no unnamed files.
      }
    }
    Path hidden = hiddenName(target);
    int flags = Fd.O_RDWR | Fd.O_CREAT | Fd.O_EXCL;
    return new TargetFile(target, Fd.open(hidden.toString(), flags, MODE), hidden);
  }

  private static Path hiddenName(Path target) {
    String unique = ProcessHandle.current().pid() + "-" + System.nanoTime();
    return target.resolveSibling("." + target.getFileName() + "." + unique + ".part");
  }

  /** Bytes appended so far. */
  long position() {
    return flushed + buffered;
  }

  void append(byte[] bytes, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int piece = Math.min(length - done, BUFFER - buffered);
      MemorySegment.copy(bytes, done, buffer, ValueLayout.JAVA_BYTE, buffered, piece);
      buffered += piece;
      done += piece;
      if (buffered == BUFFER) {
        flush();
      }
    }
  }

  private void flush() throws IOException {
    writeAt(flushed, buffer.asSlice(0, buffered));
    flushed += buffered;
    buffered = 0;
  }

  /** Writes native memory anywhere; does not move {@link #position}. */
  void writeAt(long offset, MemorySegment bytes) throws IOException {
    try {
      file.writeAt(offset, bytes);
    } catch (LinuxException e) {
      throw failed(e);
    }
  }

  /** Writes over bytes that were appended before. */
  void overwrite(long offset, byte[] bytes) throws IOException {
    flush();
    try (Arena scratch = Arena.ofConfined()) {
      writeAt(offset, scratch.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    }
  }

  /** Sets the size, as holes if it grows. */
  void truncate(long size) throws IOException {
    file.truncate(size);
  }

  /** Makes the file durable and gives it its name, replacing what had it. */
  void publish() throws IOException {
    flush();
    try {
      file.sync();
    } catch (LinuxException e) {
      throw failed(e);
    }
    if (hidden == null && !Files.exists(target)) {
      try {
        UnnamedFile.link(file, target.toString());
        syncDirectory();
        return;
      } catch (LinuxException e) {
        if (e.errno() != Errno.EEXIST) {
          throw failed(e);
        }
        // Somebody took the name meanwhile: replace it like any other.
      }
    }
    if (hidden == null) {
      Path name = hiddenName(target);
      UnnamedFile.link(file, name.toString());
      hidden = name;
    }
    Files.move(hidden, target, StandardCopyOption.ATOMIC_MOVE);
    hidden = null;
    syncDirectory();
  }

  private void syncDirectory() throws IOException {
    // The name is durable only when the directory is.
    try (Fd directory = Fd.open(target.getParent().toString(), Fd.O_RDONLY, 0)) {
      directory.sync();
    }
  }

  private IOException failed(LinuxException e) {
    String advice =
        e.errno() == Errno.ENOSPC
            ? "free some space in " + target.getParent() + " or name another directory"
            : "nothing was left behind";
    return new IOException("cannot write " + target + ": " + e.getMessage() + "; " + advice, e);
  }

  /** Without {@link #publish} before, leaves nothing. */
  @Override
  public void close() throws IOException {
    file.close();
    arena.close();
    if (hidden != null) {
      Files.deleteIfExists(hidden);
    }
  }
}
