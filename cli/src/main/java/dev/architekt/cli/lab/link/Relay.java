package dev.architekt.cli.lab.link;

import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Poll;
import dev.architekt.linux.Tun;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Carries Ethernet frames between two taps of the calling thread's network namespace, with delay
 * and loss. One platform thread does all of it.
 */
public final class Relay implements AutoCloseable {
  private static final long WAIT_NANOS = 100_000_000;

  /** What a relay has done; frames of both directions. */
  public record Counts(long carried, long lost, long overrun) {}

  private final Fd near;
  private final Fd far;
  private final Arena arena = Arena.ofShared();
  private final Direction there;
  private final Direction back;
  private volatile boolean ended;

  /**
   * Opens both taps.
   *
   * @param seed of what gets lost
   */
  public Relay(String near, String far, LinkShape shape, long seed) throws LinuxException {
    this.near = Tun.openPlainTap(near);
    try {
      this.far = Tun.openPlainTap(far);
    } catch (LinuxException e) {
      this.near.close();
      throw e;
    }
    SplittableRandom random = new SplittableRandom(seed);
    there = new Direction(this.near, this.far, shape, random.split(), arena);
    back = new Direction(this.far, this.near, shape, random.split(), arena);
  }

  /** Carries until {@link #end}; on the thread that calls it. */
  public void run() throws LinuxException {
    try (Poll poll = new Poll(List.of(near, far))) {
      while (!ended) {
        long now = System.nanoTime();
        poll.await(back.nextIn(now, there.nextIn(now, WAIT_NANOS)));
        now = System.nanoTime();
        if (poll.readable(0)) {
          there.take(now);
        }
        if (poll.readable(1)) {
          back.take(now);
        }
        there.deliver(now);
        back.deliver(now);
      }
    }
  }

  /** Lets {@link #run} return within 100 ms; from any thread. */
  public void end() {
    ended = true;
  }

  /** Exact once {@link #run} has returned. */
  public Counts counts() {
    return new Counts(
        there.carried() + back.carried(),
        there.lost() + back.lost(),
        there.overrun() + back.overrun());
  }

  @Override
  public void close() {
    near.close();
    far.close();
    arena.close();
  }
}
