package dev.architekt.node.doctor;

import dev.architekt.region.DemandRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** A region of one page in memory: the smallest thing that can be mounted. */
final class Page implements DemandRegion {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment bytes = arena.allocate(PAGE_SIZE);

  Page(byte[] content) {
    MemorySegment.copy(MemorySegment.ofArray(content), 0, bytes, 0, content.length);
  }

  @Override
  public long size() {
    return PAGE_SIZE;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.WRITE);
  }

  @Override
  public synchronized void read(long offset, MemorySegment target) {
    target.copyFrom(bytes.asSlice(offset, target.byteSize()));
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) {
    read(offset, target);
    return true;
  }

  @Override
  public synchronized void write(long offset, MemorySegment source) {
    bytes.asSlice(offset, source.byteSize()).copyFrom(source);
  }

  @Override
  public void flush() {}

  @Override
  public synchronized void close() {
    arena.close();
  }
}
