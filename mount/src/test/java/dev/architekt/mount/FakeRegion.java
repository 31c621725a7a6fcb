package dev.architekt.mount;

import dev.architekt.region.DemandRegion;
import dev.architekt.region.Region;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A region in memory whose pages can be absent, whose verbs can fail or stall, and which remembers
 * what was asked.
 */
final class FakeRegion implements DemandRegion {
  private final MemorySegment bytes;
  private final BitSet absent = new BitSet();
  private final BitSet written = new BitSet();
  private final BitSet awaited = new BitSet();
  final AtomicInteger writes = new AtomicInteger();
  final AtomicInteger flushes = new AtomicInteger();
  final AtomicInteger refusals = new AtomicInteger();
  volatile boolean failing;
  volatile CountDownLatch flushGate = new CountDownLatch(0);
  volatile CountDownLatch writeGate = new CountDownLatch(0);

  FakeRegion(long size) {
    bytes = Arena.ofAuto().allocate(size, Region.PAGE_SIZE);
  }

  /** A region whose byte at offset i is a function of the page of i. */
  static FakeRegion patterned(long size) {
    FakeRegion region = new FakeRegion(size);
    for (long page = 0; page * PAGE_SIZE < size; page++) {
      region.set(page, pattern(page));
    }
    return region;
  }

  static byte pattern(long page) {
    return (byte) (page * 7 + 1);
  }

  synchronized void set(long page, byte value) {
    long from = page * PAGE_SIZE;
    bytes.asSlice(from, Math.min(PAGE_SIZE, bytes.byteSize() - from)).fill(value);
  }

  synchronized byte get(long offset) {
    return bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, offset);
  }

  synchronized void lose(long page) {
    absent.set((int) page);
  }

  synchronized void arrive(long page) {
    absent.clear((int) page);
    notifyAll();
  }

  /** Pages that somebody has waited for. */
  synchronized BitSet awaited() {
    return (BitSet) awaited.clone();
  }

  /** Pages written since the last call. */
  synchronized BitSet takeWritten() {
    BitSet result = (BitSet) written.clone();
    written.clear();
    return result;
  }

  private static int pageOf(long offset) {
    return (int) (offset / PAGE_SIZE);
  }

  private boolean isPresent(long offset, long length) {
    int next = absent.nextSetBit(pageOf(offset));
    return next < 0 || (long) next * PAGE_SIZE >= offset + length;
  }

  private void checkHealth() throws IOException {
    if (failing) {
      throw new IOException("the region is broken, as the test wants");
    }
  }

  private static void await(CountDownLatch gate) throws IOException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  @Override
  public synchronized boolean tryRead(long offset, MemorySegment target) throws IOException {
    checkHealth();
    if (!isPresent(offset, target.byteSize())) {
      refusals.incrementAndGet();
      return false;
    }
    target.copyFrom(bytes.asSlice(offset, target.byteSize()));
    return true;
  }

  @Override
  public synchronized void read(long offset, MemorySegment target) throws IOException {
    while (!isPresent(offset, target.byteSize())) {
      awaited.set(pageOf(offset), pageOf(offset + target.byteSize() - 1) + 1);
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }
    checkHealth();
    target.copyFrom(bytes.asSlice(offset, target.byteSize()));
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    await(writeGate);
    synchronized (this) {
      checkHealth();
      writes.incrementAndGet();
      bytes.asSlice(offset, source.byteSize()).copyFrom(source);
      if (source.byteSize() > 0) {
        written.set(pageOf(offset), pageOf(offset + source.byteSize() - 1) + 1);
        absent.clear(pageOf(offset), pageOf(offset + source.byteSize() - 1) + 1);
      }
    }
  }

  @Override
  public void flush() throws IOException {
    await(flushGate);
    checkHealth();
    flushes.incrementAndGet();
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
  public void close() {}
}
