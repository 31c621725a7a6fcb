package dev.architekt.archive;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where a package's bytes come from: a file, or anything that answers byte ranges (HTTP, an object
 * store).
 *
 * <p>Thread-safe and blocking. A source is read in few, large, mostly increasing ranges: the tail,
 * the head, then one range a chunk.
 */
public interface RangeSource extends AutoCloseable {
  /** What error messages call it: a path or an address. */
  String name();

  /** Size in bytes, fixed from the moment the source was opened. */
  long size();

  /**
   * Fills all of {@code target} with the bytes from {@code offset}; {@code target} is always native
   * memory.
   *
   * @throws java.io.EOFException if the source has become shorter than {@link #size()}
   * @throws IndexOutOfBoundsException if the range is not within {@code [0, size())}
   */
  void read(long offset, MemorySegment target) throws IOException;

  @Override
  void close() throws IOException;
}
