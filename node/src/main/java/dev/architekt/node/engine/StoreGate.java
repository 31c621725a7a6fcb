package dev.architekt.node.engine;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets stores through side by side, and a new link only when none is under way. Stores that come
 * while a link waits, wait behind it, so that it comes up in bounded time. Thread-safe; whoever
 * enters leaves on the same thread.
 */
final class StoreGate {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

  /** A store begins, from the decision that there is one. */
  void enter() {
    lock.readLock().lock();
  }

  void leave() {
    lock.readLock().unlock();
  }

  /** Waits until no store is under way, and keeps new ones out until {@link #open}. */
  void close() {
    lock.writeLock().lock();
  }

  void open() {
    lock.writeLock().unlock();
  }
}
