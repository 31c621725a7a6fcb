package dev.architekt.archive;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A local file as a source of ranges.
 *
 * <p>Reads through a plain descriptor and not a {@code FileChannel}: an interrupt of one reader
 * would close the channel for all.
 */
public final class FileRange implements RangeSource {
  private final Fd file;
  private final String name;
  private final long size;

  private FileRange(Fd file, String name, long size) {
    this.file = file;
    this.name = name;
    this.size = size;
  }

  /** Opens {@code path} for reading. */
  public static FileRange open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + ": expected a file, found a directory");
    }
    try {
      Fd file = Fd.open(path.toString(), Fd.O_RDONLY, 0);
      try {
        return new FileRange(file, path.toString(), Files.size(path));
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        NoSuchFileException missing = new NoSuchFileException(path.toString());
        missing.initCause(e);
        throw missing;
      }
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Objects.checkFromIndexSize(offset, target.byteSize(), size);
    long done = file.readAt(offset, target);
    if (done < target.byteSize()) {
      throw new EOFException(
          "%s: expected %d bytes at %d, found %d: the file has become shorter"
              .formatted(name, target.byteSize(), offset, done));
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
