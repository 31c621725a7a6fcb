package dev.architekt.migration.wire;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends a blocking conversation that takes too long, by closing its connection under it. Blocking
 * channels have no time-outs of their own.
 */
final class Deadline implements AutoCloseable {
  private static final ScheduledThreadPoolExecutor TIMER = timer();

  private final ScheduledFuture<?> alarm;
  private volatile boolean passed;

  private Deadline(Duration after, Runnable end) {
    alarm =
        TIMER.schedule(
            () -> {
              passed = true;
              end.run();
            },
            after.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** Runs {@code end}, which must not block, unless this is closed before. */
  static Deadline after(Duration after, Runnable end) {
    return new Deadline(after, end);
  }

  /** Whether time ran out. */
  boolean passed() {
    return passed;
  }

  @Override
  public void close() {
    alarm.cancel(false);
  }

  private static ScheduledThreadPoolExecutor timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, work -> Thread.ofPlatform().daemon().name("wire-deadlines").unstarted(work));
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }
}
