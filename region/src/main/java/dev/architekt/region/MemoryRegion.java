package dev.architekt.region;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;

/** A region in memory outside the heap. Survives nothing. */
public final class MemoryRegion implements Region {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final PageLocks locks = new PageLocks();

  /** Zeroes; {@code size} need not be a multiple of a page. */
  public MemoryRegion(long size) {
    memory = arena.allocate(size, PAGE_SIZE);
  }

  @Override
  public long size() {
    return memory.byteSize();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public void read(long offset, MemorySegment target) {
    MemorySegment.copy(memory, offset, target, 0, target.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment source) {
    change(offset, source.byteSize(), source);
  }

  @Override
  public void zero(long offset, long length) {
    change(offset, length, null);
  }

  @Override
  public void trim(long offset, long length) {
    change(offset, length, null);
  }

  private void change(long offset, long length, MemorySegment source) {
    Layer.check(this, offset, length);
    long end = offset + length;
    for (long at = offset; at < end; ) {
      long until =
          Math.min(end, PageLocks.blockEnd(at / PAGE_SIZE, Long.MAX_VALUE / PAGE_SIZE) * PAGE_SIZE);
      Lock lock = locks.of(at / PAGE_SIZE);
      lock.lock();
      try {
        MemorySegment part = memory.asSlice(at, until - at);
        if (source == null) {
          part.fill((byte) 0);
        } else {
          part.copyFrom(source.asSlice(at - offset, until - at));
        }
      } finally {
        lock.unlock();
      }
      at = until;
    }
  }

  @Override
  public void flush() {
    // Memory is as durable as it gets at once.
  }

  /** By looking at the bytes, a page at a time. */
  @Override
  public List<Extent> extents(long offset, long length) {
    Layer.check(this, offset, length);
    List<Extent> extents = new ArrayList<>();
    for (long at = offset; at < offset + length; ) {
      long end = Math.min(offset + length, (at / PAGE_SIZE + 1) * PAGE_SIZE);
      Content content =
          MemorySegment.mismatch(memory, at, end, Zeroes.BYTES, 0, end - at) < 0
              ? Content.ZERO
              : Content.DATA;
      Extent last = extents.isEmpty() ? null : extents.getLast();
      if (last != null && last.content() == content) {
        extents.set(extents.size() - 1, new Extent(last.offset(), end - last.offset(), content));
      } else {
        extents.add(new Extent(at, end - at, content));
      }
      at = end;
    }
    return extents;
  }

  /** Frees the memory. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
