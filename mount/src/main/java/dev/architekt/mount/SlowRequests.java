package dev.architekt.mount;

import dev.architekt.linux.Errno;
import dev.architekt.region.DemandRegion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The requests that wait for a disk, on one thread of their own: FSYNC, and FALLOCATE that makes
 * zeroes. FSYNCs that came during one flush share the next.
 *
 * <p>The queue has no bound of its own: each entry is a thread of the mount's users that waits for
 * its answer.
 */
final class SlowRequests implements AutoCloseable {
  private sealed interface Job {
    long unique();
  }

  private record Flush(long unique) implements Job {}

  private record Zero(long unique, long offset, long length) implements Job {}

  private record Stop(long unique) implements Job {}

  private final DemandRegion region;
  private final MountTrouble trouble;
  private final LinkedBlockingQueue<Job> queue = new LinkedBlockingQueue<>();
  private final Exchange exchange;
  private final Thread thread;

  SlowRequests(Exchange exchange, DemandRegion region, MountOptions options) {
    this.exchange = exchange;
    this.region = region;
    this.trouble = options.trouble();
    this.thread =
        Thread.ofPlatform().daemon().name("fuse-" + options.name() + "-flush").start(this::run);
  }

  /** Answers FSYNC {@code unique} once everything written so far is durable. */
  void flush(long unique) {
    queue.add(new Flush(unique));
  }

  /** Answers FALLOCATE {@code unique} once the range reads as zeroes. */
  void zero(long unique, long offset, long length) {
    queue.add(new Zero(unique, offset, length));
  }

  private void run() {
    try {
      List<Job> jobs = new ArrayList<>();
      List<Flush> flushes = new ArrayList<>();
      while (true) {
        jobs.add(queue.take());
        queue.drainTo(jobs);
        boolean stop = false;
        for (Job job : jobs) {
          switch (job) {
            case Zero zero -> zero(zero);
            case Flush flush -> flushes.add(flush);
            case Stop _ -> stop = true;
          }
        }
        if (!flushes.isEmpty()) {
          flush(flushes);
        }
        if (stop) {
          return;
        }
        jobs.clear();
        flushes.clear();
      }
    } catch (InterruptedException e) {
      // Nobody but a caller that wants this thread gone interrupts it; what it had in hand is the
      // successor's.
      Thread.currentThread().interrupt();
    }
  }

  private void zero(Zero zero) {
    try {
      if (zero.length() > 0) {
        region.zero(zero.offset(), zero.length());
      }
      exchange.answer(zero.unique(), 0);
    } catch (IOException | RuntimeException | Error e) {
      trouble.failed("FALLOCATE", zero.offset(), zero.length(), e);
      exchange.refuse(zero.unique(), Errno.EIO);
    }
  }

  private void flush(List<Flush> flushes) {
    try {
      region.flush();
      for (Flush flush : flushes) {
        exchange.answer(flush.unique(), 0);
      }
    } catch (IOException | RuntimeException | Error e) {
      trouble.failed("FSYNC", 0, 0, e);
      for (Flush flush : flushes) {
        exchange.refuse(flush.unique(), Errno.EIO);
      }
    }
  }

  /** Finishes what was asked for, then ends the thread. */
  @Override
  public void close() {
    queue.add(new Stop(0));
    Joining.uninterruptibly(thread);
  }
}
