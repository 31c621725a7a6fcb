package dev.architekt.bench.lab;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs something that starts processes so that Ctrl-C and SIGTERM end them: the work is
 * interrupted, and the process waits for its clean-up.
 */
public final class Scenario {
  private static final long GRACE_SECONDS = 120;

  private Scenario() {}

  /** What is run; cleans up after itself, also when it is interrupted. */
  @FunctionalInterface
  public interface Work {
    int run() throws Exception;
  }

  /** Runs {@code work} on this thread; the exit status. */
  public static int run(Work work) throws Exception {
    Thread worker = Thread.currentThread();
    CountDownLatch done = new CountDownLatch(1);
    Thread hook =
        Thread.ofPlatform()
            .unstarted(() -> {
              worker.interrupt();
              try {
                if (!done.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                  System.err.println("bench: not cleaned up within " + GRACE_SECONDS + " s");
                }
              } catch (InterruptedException e) {
                worker.interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.run();
    } finally {
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending already: that is what the hook waited for.
        Thread.yield();
      }
    }
  }
}
