package dev.architekt.migration.wire;

import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** A region that is an array; may be told to fail. */
final class BytesRegion implements Region {
  final byte[] bytes;
  volatile boolean failing;

  BytesRegion(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    if (failing) {
      throw new IOException("medium error");
    }
    MemorySegment.copy(MemorySegment.ofArray(bytes), offset, target, 0, target.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
