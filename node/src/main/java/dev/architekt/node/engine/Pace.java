package dev.architekt.node.engine;

import java.util.concurrent.locks.LockSupport;

/**
 * Keeps the bulk lanes of one link to a number of bytes a second between them: whoever has sent
 * waits until the line would have carried it. Thread-safe.
 */
final class Pace {
  /** What may be made up for after a time in which less was sent. */
  private static final long BURST_NANOS = 20_000_000;

  /** Nobody waits for longer at once: the link may be gone meanwhile. */
  private static final long WAIT_MAX_NANOS = 5_000_000_000L;

  private volatile long bytesPerSecond;
  private long free = System.nanoTime();

  /** From now on no more than so many bytes a second. */
  void limit(long newBytesPerSecond) {
    bytesPerSecond = newBytesPerSecond;
  }

  /** So many bytes have left on one of the lanes; returns when more may. */
  void sent(long bytes) {
    if (bytesPerSecond == 0) {
      return;
    }
    long until = book(bytes, System.nanoTime());
    for (long wait = until - System.nanoTime(); wait > 0; wait = until - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(wait, WAIT_MAX_NANOS));
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  /** When the line is free again after so many bytes more. */
  synchronized long book(long bytes, long now) {
    free = Math.max(free, now - BURST_NANOS) + (long) (bytes * 1e9 / bytesPerSecond);
    return Math.min(free, now + WAIT_MAX_NANOS);
  }
}
