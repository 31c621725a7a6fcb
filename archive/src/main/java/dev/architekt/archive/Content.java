package dev.architekt.archive;

import dev.architekt.region.Region;
import dev.architekt.region.Region.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * What becomes a resource: bytes, a file or a region, read once from start to end by one thread.
 */
interface Content extends AutoCloseable {
  long size();

  /** Fills {@code target}, which is native memory. */
  void read(long offset, MemorySegment target) throws IOException;

  /** Whether the range is known to be zero without reading it. */
  default boolean knownZero(long offset, long length) throws IOException {
    return false;
  }

  @Override
  default void close() throws IOException {}

  static Content of(byte[] bytes) {
    MemorySegment segment = MemorySegment.ofArray(bytes.clone());
    return new Content() {
      @Override
      public long size() {
        return segment.byteSize();
      }

      @Override
      public void read(long offset, MemorySegment target) {
        target.copyFrom(segment.asSlice(offset, target.byteSize()));
      }
    };
  }

  static Content of(Path path) throws IOException {
    FileRange file = FileRange.open(path);
    return new Content() {
      @Override
      public long size() {
        return file.size();
      }

      @Override
      public void read(long offset, MemorySegment target) throws IOException {
        file.read(offset, target);
      }

      @Override
      public void close() {
        file.close();
      }
    };
  }

  /** The region stays the caller's, and open. */
  static Content of(Region region) {
    return new Content() {
      @Override
      public long size() {
        return region.size();
      }

      @Override
      public void read(long offset, MemorySegment target) throws IOException {
        region.read(offset, target);
      }

      @Override
      public boolean knownZero(long offset, long length) throws IOException {
        for (Extent extent : region.extents(offset, length)) {
          if (extent.content() != Region.Content.ZERO) {
            return false;
          }
        }
        return true;
      }
    };
  }
}
