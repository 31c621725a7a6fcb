package dev.architekt.bench;

import dev.architekt.region.DemandRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/** A region in memory without any locking: what a mount costs by itself is measured on it. */
final class MemoryRegion implements DemandRegion {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment bytes;

  MemoryRegion(long size) {
    bytes = arena.allocate(size, PAGE_SIZE);
    // Present in memory before anything is measured.
    bytes.fill((byte) 1);
  }

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.WRITE);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) {
    read(offset, target);
    return true;
  }

  @Override
  public void read(long offset, MemorySegment target) {
    MemorySegment.copy(bytes, offset, target, 0, target.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment source) {
    MemorySegment.copy(source, 0, bytes, offset, source.byteSize());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    arena.close();
  }
}
