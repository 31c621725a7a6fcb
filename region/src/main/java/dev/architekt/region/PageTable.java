package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;

/**
 * The pages of a store: their content and everything that is said about them, changed together. A
 * page's content, presence and generation change only under the lock of its block; dirty bits are
 * collected without it.
 */
final class PageTable {
  private static final int PAGE_SIZE = Region.PAGE_SIZE;

  final Arrivals arrivals;
  final Generations generations;

  private final PageBitmap present;
  private final PageBitmap dirty;
  private final DataFile data;
  private final PageLocks locks = new PageLocks();
  private final AtomicLong absent;
  private final AtomicLong presenceVersion = new AtomicLong();
  private final Object completion = new Object();

  PageTable(StoreMaps maps, DataFile data, String name) {
    this.present = maps.present;
    this.dirty = maps.dirty;
    this.data = data;
    this.arrivals = new Arrivals(present, name);
    this.generations = new Generations(maps);
    this.absent = new AtomicLong(present.pages() - present.count());
  }

  long absent() {
    return absent.get();
  }

  /** Changes whenever the presence map has changed. */
  long presenceVersion() {
    return presenceVersion.get();
  }

  static long pagesOf(long offset, long length) {
    return (offset + length + PAGE_SIZE - 1) / PAGE_SIZE - offset / PAGE_SIZE;
  }

  /** Asks for the absent pages among these and waits until all are here. */
  void awaitPages(long first, long count) throws IOException {
    long end = first + count;
    long page = present.nextClear(first, end);
    if (page == end) {
      return;
    }
    Fetcher asked = arrivals.request(page, end - page);
    for (; page < end; page = present.nextClear(page, end)) {
      arrivals.await(page, asked);
    }
  }

  /** A local write of {@code source}, or of zeroes if it is null. */
  void change(long offset, long length, MemorySegment source) throws IOException {
    long end = offset + length;
    for (long at = offset; at < end; ) {
      long until = Math.min(end, PageLocks.blockEnd(at / PAGE_SIZE, present.pages()) * PAGE_SIZE);
      changeBlock(at, until, source == null ? null : source.asSlice(at - offset, until - at));
      at = until;
    }
  }

  private void changeBlock(long from, long to, MemorySegment source) throws IOException {
    long first = from / PAGE_SIZE;
    long count = pagesOf(from, to - from);
    long last = first + count - 1;
    boolean head = from % PAGE_SIZE != 0;
    boolean tail = to % PAGE_SIZE != 0;
    Lock lock = locks.of(first);
    while (true) {
      if (head || (tail && first == last)) {
        awaitPages(first, 1);
      }
      if (tail) {
        awaitPages(last, 1);
      }
      lock.lock();
      try {
        if ((head && !present.get(first)) || (tail && !present.get(last))) {
          // Forgotten again between the wait and the lock.
          continue;
        }
        changeLocked(from, to, source, first, count);
        break;
      } finally {
        lock.unlock();
      }
    }
    arrivals.arrived(first, count);
  }

  /**
   * The order decides what is lost when: the generation before the content, so that no crash leaves
   * changed content that counts as old; the dirty bit after the content, so that a collector that
   * cleared it earlier finds it set again.
   */
  private void changeLocked(long from, long to, MemorySegment source, long first, long count)
      throws IOException {
    generations.mark(first, count, generations.current());
    try {
      if (source != null) {
        data.write(from, source);
      } else {
        zeroLocked(from, to);
      }
    } catch (IOException e) {
      // Written in part, perhaps: what is here may have changed.
      for (long page = first; page < first + count; page++) {
        if (present.get(page)) {
          dirty.set(page);
        }
      }
      throw e;
    }
    // Once more: the epoch may have moved on while the content went in.
    generations.mark(first, count, generations.current());
    here(first, count);
    dirty.set(first, count);
  }

  private void zeroLocked(long from, long to) throws IOException {
    long wholeFrom = Math.min(to, (from + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE);
    long wholeTo = Math.max(wholeFrom, to / PAGE_SIZE * PAGE_SIZE);
    if (from < wholeFrom) {
      data.write(from, Zeroes.BYTES.asSlice(0, wholeFrom - from));
    }
    if (wholeFrom < wholeTo) {
      data.zero(wholeFrom, wholeTo - wholeFrom);
    }
    if (wholeTo < to) {
      data.write(wholeTo, Zeroes.BYTES.asSlice(0, to - wholeTo));
    }
  }

  private void here(long first, long count) {
    long arrived = present.set(first, count);
    if (arrived > 0) {
      presenceVersion.incrementAndGet();
      if (absent.addAndGet(-arrived) == 0) {
        synchronized (completion) {
          completion.notifyAll();
        }
      }
    }
  }

  /**
   * Pages from elsewhere, zero if {@code source} is null; all of them or only the absent ones; how
   * many were taken.
   */
  long take(long first, long count, MemorySegment source, long epoch, boolean overwrite)
      throws IOException {
    generations.observe(epoch);
    long taken = 0;
    long end = first + count;
    for (long page = first; page < end; ) {
      long blockEnd = PageLocks.blockEnd(page, end);
      taken += takeBlock(page, blockEnd, first, source, epoch, overwrite);
      page = blockEnd;
    }
    return taken;
  }

  private long takeBlock(
      long from, long to, long base, MemorySegment source, long epoch, boolean overwrite)
      throws IOException {
    long taken = 0;
    Lock lock = locks.of(from);
    lock.lock();
    try {
      long page = overwrite ? from : present.nextClear(from, to);
      while (page < to) {
        long end = overwrite ? to : present.nextSet(page, to);
        long count = end - page;
        if (overwrite) {
          // As with local writes: changed content never counts as old, not even after a crash in
          // between.
          generations.mark(page, count, epoch);
        }
        if (source == null) {
          data.zero(page * PAGE_SIZE, count * PAGE_SIZE);
        } else {
          data.write(
              page * PAGE_SIZE, source.asSlice((page - base) * PAGE_SIZE, count * PAGE_SIZE));
        }
        generations.mark(page, count, epoch);
        here(page, count);
        taken += count;
        page = present.nextClear(end, to);
      }
    } finally {
      lock.unlock();
    }
    if (taken > 0) {
      arrivals.arrived(from, to - from);
    }
    return taken;
  }

  /** Makes pages absent, whose content stays until {@link #punch}. */
  void forget(PageBitmap stale) {
    for (PageRun run : stale.runs()) {
      absent.addAndGet(present.clear(run.first(), run.count()));
    }
    presenceVersion.incrementAndGet();
  }

  /** Gives the space of those of {@code stale} back that are absent still. */
  void punch(PageBitmap stale) throws IOException {
    for (PageRun run : stale.runs()) {
      for (long page = run.first(); page < run.end(); ) {
        long blockEnd = PageLocks.blockEnd(page, run.end());
        punchBlock(page, blockEnd);
        page = blockEnd;
      }
    }
  }

  private void punchBlock(long from, long to) throws IOException {
    Lock lock = locks.of(from);
    lock.lock();
    try {
      for (long page = present.nextClear(from, to); page < to; ) {
        long end = present.nextSet(page, to);
        data.zero(page * PAGE_SIZE, (end - page) * PAGE_SIZE);
        page = present.nextClear(end, to);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is absent; false if {@code gate} was closed before that. */
  boolean awaitComplete(Gate gate) throws InterruptedException {
    synchronized (completion) {
      while (absent.get() > 0) {
        if (gate.isClosed()) {
          return false;
        }
        completion.wait();
      }
      return true;
    }
  }

  /** Ends all waits, once the gate is closed. */
  void close() {
    arrivals.close();
    synchronized (completion) {
      completion.notifyAll();
    }
  }
}
