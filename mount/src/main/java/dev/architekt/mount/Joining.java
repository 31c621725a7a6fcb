package dev.architekt.mount;

/** Waiting for threads that are known to end. */
final class Joining {
  private Joining() {}

  /** Waits for {@code thread} to end; an interrupt meanwhile is kept for the caller. */
  static void uninterruptibly(Thread thread) {
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
