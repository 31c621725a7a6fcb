package dev.architekt.region;

import dev.architekt.linux.Fd;
import dev.architekt.linux.FileRanges;

/**
 * Keeps a data file's share of the page cache small: behind a mount it is a second copy of a
 * guest's RAM, which must never press the first one out. Blocks of 1 MiB that were used are
 * remembered; when there are more than allowed, the older half is written back and, one turn later,
 * dropped.
 *
 * <p>One named platform thread; users of the file pay for one bit.
 */
final class CacheKeeper implements AutoCloseable {
  private static final int SHIFT = 20;
  private static final long TURN_MILLIS = 250;

  private final Fd file;
  private final long blocksMax;
  private PageBitmap young;
  private PageBitmap old;
  private PageBitmap written;
  private volatile PageBitmap touched;
  private final Thread thread;

  CacheKeeper(Fd file, long size, long cacheBytes, String name) {
    this.file = file;
    this.blocksMax = Math.max(1, cacheBytes >>> SHIFT);
    long blocks = (size + (1L << SHIFT) - 1) >>> SHIFT;
    touched = new PageBitmap(blocks);
    young = new PageBitmap(blocks);
    old = new PageBitmap(blocks);
    written = new PageBitmap(blocks);
    thread = Thread.ofPlatform().daemon().name("store-cache-" + name).start(this::run);
  }

  /** The range was read or written, so that it is in the page cache now. */
  void touch(long offset, long length) {
    PageBitmap bits = touched;
    for (long block = offset >>> SHIFT; block <= (offset + length - 1) >>> SHIFT; block++) {
      if (!bits.get(block)) {
        bits.set(block);
      }
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(TURN_MILLIS);
        turn();
      }
    } catch (InterruptedException e) {
      // close() ends the thread this way.
    }
  }

  private void turn() {
    for (PageRun run : written.runs()) {
      file.dropCache(run.first() << SHIFT, run.count() << SHIFT);
    }
    written.clearAll();
    touched.moveTo(young);
    // Used again: young again.
    old.andNot(young);
    if (young.count() + old.count() <= blocksMax) {
      return;
    }
    if (old.isEmpty() || young.count() > blocksMax) {
      young.moveTo(old);
    }
    for (PageRun run : old.runs()) {
      FileRanges.startWriteback(file, run.first() << SHIFT, run.count() << SHIFT);
    }
    old.moveTo(written);
  }

  /** Ends the thread, which uses the file no more after this. */
  @Override
  public void close() {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
