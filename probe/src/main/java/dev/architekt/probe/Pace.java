package dev.architekt.probe;

import java.util.concurrent.locks.LockSupport;

/** Waiting for points in time, without allocation. */
final class Pace {
  private Pace() {}

  /** Waits until {@code System.nanoTime()} has reached the time, or the thread is interrupted. */
  static void until(long time) {
    long left = time - System.nanoTime();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(left);
      left = time - System.nanoTime();
    }
  }
}
