package dev.architekt.region;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the calls inside a store, so that its files are closed only after the last one has left.
 */
final class Gate {
  private static final int CLOSED = 1 << 30;
  private static final long POLL_NANOS = 100_000;

  // CLOSED plus the number of calls inside.
  private final AtomicInteger state = new AtomicInteger();
  private final String name;

  Gate(String name) {
    this.name = name;
  }

  void enter() throws StoreClosedException {
    if (state.incrementAndGet() >= CLOSED) {
      state.decrementAndGet();
      throw new StoreClosedException(name);
    }
  }

  void leave() {
    state.decrementAndGet();
  }

  boolean isClosed() {
    return state.get() >= CLOSED;
  }

  /** Lets nobody in any more; false if that was so already. */
  boolean close() {
    int old = state.get();
    while (old < CLOSED) {
      if (state.compareAndSet(old, old + CLOSED)) {
        return true;
      }
      old = state.get();
    }
    return false;
  }

  /** Waits until nobody is inside. Polls: it happens once in a store's life and for a moment. */
  void awaitEmpty() {
    while (state.get() != CLOSED) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
