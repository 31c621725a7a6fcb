package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * A fixed-size, random-access run of bytes: a machine's RAM, a disk, a file. The same verbs at
 * every layer.
 *
 * <p>All methods are thread-safe and block until done; offsets and lengths are bytes within {@code
 * [0, size())} and fail with {@link IndexOutOfBoundsException} outside it. What overlapping
 * concurrent writes leave is one of them per page, never a mixture within a page.
 */
public interface Region extends AutoCloseable {
  /** The unit in which regions are tracked, in bytes. */
  int PAGE_SIZE = 4096;

  /** What a region can do by itself; the rest is emulated by the methods' defaults here. */
  enum Capability {
    WRITE,
    ZERO,
    TRIM,
    EXTENTS
  }

  /** What a run of bytes holds, as far as it is known without reading it. */
  enum Content {
    /** Bytes that must be read to be known. */
    DATA,
    /** Reads as zeroes and takes no space. */
    ZERO,
    /** Not here yet: reading it waits for a remote side. */
    ABSENT
  }

  /** A run of bytes of one kind of content. */
  record Extent(long offset, long length, Content content) {
    public Extent {
      if (offset < 0 || length <= 0) {
        throw new IllegalArgumentException("extent at " + offset + " of " + length + " bytes");
      }
    }
  }

  /** Size in bytes; never changes. */
  long size();

  Set<Capability> capabilities();

  /** Fills all of {@code target} from {@code offset}. */
  void read(long offset, MemorySegment target) throws IOException;

  /** Writes all of {@code source} at {@code offset}. Durable only after {@link #flush()}. */
  void write(long offset, MemorySegment source) throws IOException;

  /**
   * Everything written before this call survives a crash of this process and of the host once it
   * returns.
   */
  void flush() throws IOException;

  /** Makes the range read as zeroes. */
  default void zero(long offset, long length) throws IOException {
    Zeroes.write(this, offset, length);
  }

  /**
   * The range's content is no longer needed: afterwards it may read as anything that was ever
   * there, or zeroes.
   */
  default void trim(long offset, long length) throws IOException {}

  /**
   * The range's content in order, without gaps, covering exactly {@code [offset, offset + length)}.
   */
  default List<Extent> extents(long offset, long length) throws IOException {
    return length == 0 ? List.of() : List.of(new Extent(offset, length, Content.DATA));
  }

  @Override
  void close() throws IOException;
}
