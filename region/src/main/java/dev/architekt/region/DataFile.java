package dev.architekt.region;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.FileRanges;
import dev.architekt.linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A store's sparse file. Writes go by pwrite(2) into the page cache at once: measured, that takes
 * as long as a copy into a shared staging ring (5 to 10 µs a page, also while fdatasync runs), and
 * unlike memory of this process the page cache survives {@code kill -9}.
 */
final class DataFile implements AutoCloseable {
  static final String FILE = "data";
  private static final int EDQUOT = 122;
  private static final int EOPNOTSUPP = 95;
  private static final long FULL_RETRY_MILLIS = 100;

  /**
   * The longest write at a time. The page cache keeps a long write as one large folio, which is
   * locked as a whole while a part of it is written back: later writes to it then wait for the disk
   * (measured at 25 MB/s beside fdatasync: with 1 MiB 26 of 128,000 took over 5 ms and the median
   * 35 µs; with 64 KiB 4 and 7 µs, as on tmpfs).
   */
  private static final long PIECE = 64 << 10;

  final Fd fd;
  private final StoreOptions options;
  private final Gate gate;
  private boolean punches = true;

  DataFile(Fd fd, StoreOptions options, Gate gate) {
    this.fd = fd;
    this.options = options;
    this.gate = gate;
  }

  void read(long offset, MemorySegment target) throws IOException {
    long n = fd.readAt(offset, target);
    if (n != target.byteSize()) {
      throw new StoreException(
          fd.name(), (offset + target.byteSize()) + " bytes", "an end at byte " + (offset + n));
    }
  }

  void write(long offset, MemorySegment source) throws IOException {
    long length = source.byteSize();
    for (long done = 0; done < length; done += PIECE) {
      long piece = Math.min(PIECE, length - done);
      writePiece(offset + done, piece == length ? source : source.asSlice(done, piece));
    }
  }

  private void writePiece(long offset, MemorySegment source) throws IOException {
    try {
      fd.writeAt(offset, source);
    } catch (LinuxException e) {
      if (!isFull(e)) {
        throw e;
      }
      writeWhenSpace(offset, source, e);
    }
  }

  private void writeWhenSpace(long offset, MemorySegment source, LinuxException full)
      throws IOException {
    if (options.whenFull() == StoreOptions.WhenFull.FAIL) {
      throw typed("cannot write " + source.byteSize() + " bytes at " + offset, full);
    }
    options.listener().full(true);
    try {
      while (!gate.isClosed()) {
        Thread.sleep(FULL_RETRY_MILLIS);
        try {
          fd.writeAt(offset, source);
          options.listener().full(false);
          return;
        } catch (LinuxException e) {
          if (!isFull(e)) {
            throw e;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw typed("gave up waiting to write " + source.byteSize() + " bytes at " + offset, full);
  }

  /**
   * Makes the range of whole pages read as zeroes and gives its space back. Cheap where it has
   * none.
   */
  void zero(long offset, long length) throws IOException {
    long data = FileRanges.nextData(fd, offset);
    if (data < 0 || data >= offset + length) {
      return;
    }
    if (punches) {
      try {
        fd.punchHole(offset, length);
        return;
      } catch (LinuxException e) {
        if (e.errno() != EOPNOTSUPP) {
          throw e;
        }
        punches = false;
      }
    }
    for (long done = 0; done < length; done += Zeroes.PIECE) {
      write(offset + done, Zeroes.BYTES.asSlice(0, Math.min(Zeroes.PIECE, length - done)));
    }
  }

  /**
   * The end of the run of one kind that begins at {@code offset}, no further than {@code end};
   * negative: a hole's.
   */
  long runEnd(long offset, long end) throws IOException {
    long data = FileRanges.nextData(fd, offset);
    if (data < 0 || data >= end) {
      return -end;
    }
    if (data > offset) {
      return -data;
    }
    long hole = FileRanges.nextHole(fd, offset);
    return hole < 0 ? end : Math.min(end, hole);
  }

  private static boolean isFull(LinuxException e) {
    return e.errno() == Errno.ENOSPC || e.errno() == EDQUOT;
  }

  /** {@code e}, as {@link StoreFullException} if it is about space. */
  static IOException typed(String what, IOException e) {
    boolean full =
        e instanceof LinuxException linux
            ? isFull(linux)
            : e.getMessage() != null && e.getMessage().contains("No space left");
    return full ? new StoreFullException(what + ": the disk is full, make space", e) : e;
  }

  @Override
  public void close() {
    fd.close();
  }
}
