package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * A region that wraps another and passes everything on; layers change what they are about. Closing
 * closes below.
 */
abstract class Layer implements DemandRegion {
  final Region below;

  Layer(Region below) {
    this.below = below;
  }

  @Override
  public long size() {
    return below.size();
  }

  @Override
  public Set<Capability> capabilities() {
    return below.capabilities();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    below.read(offset, target);
  }

  /** What has nothing absent below is always here. */
  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    if (below instanceof DemandRegion demand) {
      return demand.tryRead(offset, target);
    }
    below.read(offset, target);
    return true;
  }

  @Override
  public void prefetch(long firstPage, long count) {
    if (below instanceof DemandRegion demand) {
      demand.prefetch(firstPage, count);
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    below.write(offset, source);
  }

  @Override
  public void flush() throws IOException {
    below.flush();
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    below.zero(offset, length);
  }

  @Override
  public void trim(long offset, long length) throws IOException {
    below.trim(offset, length);
  }

  @Override
  public List<Extent> extents(long offset, long length) throws IOException {
    return below.extents(offset, length);
  }

  @Override
  public void close() throws IOException {
    below.close();
  }

  /** Fails as every region does outside {@code [0, size)}. */
  static void check(Region region, long offset, long length) {
    if (offset < 0 || length < 0 || offset > region.size() - length) {
      throw new IndexOutOfBoundsException(
          length + " bytes at " + offset + " of a region of " + region.size());
    }
  }
}
