package dev.architekt.region;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks for blocks of pages. Whoever changes a page's content or presence holds its block's lock;
 * nobody holds two, so their order does not matter.
 */
final class PageLocks {
  /** Pages of one block: one word of a bitmap, and a write of 256 KiB at most under one lock. */
  static final int BLOCK_PAGES = 64;

  private static final int STRIPES = 1024;
  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

  PageLocks() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new ReentrantLock();
    }
  }

  /** The lock of the block that holds {@code page}. */
  ReentrantLock of(long page) {
    return stripes[(int) ((page / BLOCK_PAGES) % STRIPES)];
  }

  /** The end of {@code page}'s block, or {@code end} if that comes first. */
  static long blockEnd(long page, long end) {
    return Math.min(end, (page / BLOCK_PAGES + 1) * BLOCK_PAGES);
  }
}
