package dev.architekt.node.peer;

import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Set;

/** Bytes that lie in memory and do not change, as a region. */
final class BlobRegion implements Region {
  private final MemorySegment content;

  BlobRegion(byte[] content) {
    this.content = MemorySegment.ofArray(content).asReadOnly();
  }

  @Override
  public long size() {
    return content.byteSize();
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of();
  }

  @Override
  public void read(long offset, MemorySegment target) {
    Objects.checkFromIndexSize(offset, target.byteSize(), content.byteSize());
    MemorySegment.copy(content, offset, target, 0, target.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    throw new IOException("a kernel or initial RAM disk cannot be written");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
