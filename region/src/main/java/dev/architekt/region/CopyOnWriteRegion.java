package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A base that many may share and nobody changes, with what was written on top of it: a {@link
 * LocalStore} whose absent pages read from the base. The base is not closed with it, and is trusted
 * not to change.
 *
 * <p>Threads: as {@link LocalStore}. A page is taken into the store at its first write.
 */
public final class CopyOnWriteRegion extends Layer {
  private final Region base;
  private final LocalStore top;

  /** The base may be shorter than the top; what lies behind its end is zero. */
  public CopyOnWriteRegion(Region base, LocalStore top) {
    super(top);
    if (base.size() > top.size()) {
      throw new IllegalArgumentException(
          "base of " + base.size() + " over " + top.size() + " bytes");
    }
    this.base = base;
    this.top = top;
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    if (top.tryRead(offset, target)) {
      return true;
    }
    if (base instanceof DemandRegion) {
      return false;
    }
    read(offset, target);
    return true;
  }

  @Override
  public void prefetch(long firstPage, long count) {
    // What the top lacks the base has.
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    check(this, offset, target.byteSize());
    long end = offset + target.byteSize();
    for (long at = offset; at < end; ) {
      boolean here = top.present().get(at / PAGE_SIZE);
      long until = runEnd(at, end, here);
      MemorySegment part = target.asSlice(at - offset, until - at);
      if (here) {
        top.read(at, part);
      } else {
        readBase(at, part);
      }
      at = until;
    }
  }

  private long runEnd(long at, long end, boolean here) {
    PageBitmap present = top.present();
    long page = at / PAGE_SIZE;
    long last = (end + PAGE_SIZE - 1) / PAGE_SIZE;
    long next = here ? present.nextClear(page, last) : present.nextSet(page, last);
    return Math.min(end, next * PAGE_SIZE);
  }

  private void readBase(long offset, MemorySegment target) throws IOException {
    long there = Math.clamp(base.size() - offset, 0, target.byteSize());
    if (there > 0) {
      base.read(offset, target.asSlice(0, there));
    }
    target.asSlice(there).fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    check(this, offset, source.byteSize());
    takeEdges(offset, source.byteSize());
    top.write(offset, source);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    check(this, offset, length);
    takeEdges(offset, length);
    top.zero(offset, length);
  }

  /** Pages of which only a part is written need the rest from the base. */
  private void takeEdges(long offset, long length) throws IOException {
    if (length > 0 && offset % PAGE_SIZE != 0) {
      take(offset / PAGE_SIZE);
    }
    if (length > 0 && (offset + length) % PAGE_SIZE != 0) {
      take((offset + length) / PAGE_SIZE);
    }
  }

  private void take(long page) throws IOException {
    if (top.present().get(page)) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(PAGE_SIZE, 8);
      readBase(page * PAGE_SIZE, content);
      // Only if it is still absent: a whole page written meanwhile is newer.
      top.fill(page, content, 0);
    }
  }

  @Override
  public List<Extent> extents(long offset, long length) throws IOException {
    List<Extent> extents = new ArrayList<>();
    for (Extent extent : top.extents(offset, length)) {
      if (extent.content() != Content.ABSENT) {
        extents.add(extent);
        continue;
      }
      long there = Math.clamp(base.size() - extent.offset(), 0, extent.length());
      if (there > 0) {
        extents.addAll(base.extents(extent.offset(), there));
      }
      if (there < extent.length()) {
        extents.add(new Extent(extent.offset() + there, extent.length() - there, Content.ZERO));
      }
    }
    return extents;
  }
}
