package dev.architekt.mount;

import dev.architekt.linux.Errno;
import dev.architekt.region.DemandRegion;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * READs of absent pages: each waits on a thread of its own until the region has the page, and is
 * answered from there.
 *
 * <p>Platform threads, because what they wait for is the guest's first touch: they must not queue
 * behind whatever else holds the carriers of virtual threads. There are as many as threads of the
 * mount's users stand still in a fault, which is a few; beyond {@value #THREADS_MAX} virtual
 * threads take over rather than let anything be refused.
 */
final class ParkedReads implements AutoCloseable {
  static final int THREADS_MAX = 128;
  private static final long IDLE_SECONDS = 30;

  private final Channel channel;
  private final DemandRegion region;
  private final MountTrouble trouble;
  private final ThreadPoolExecutor threads;
  // One page a thread. An automatic arena, because a waiting thread outlives this object until the
  // region lets it go.
  private final ThreadLocal<Exchange> buffers;
  private volatile boolean stopped;

  ParkedReads(Channel channel, DemandRegion region, MountOptions options) {
    this.channel = channel;
    this.region = region;
    this.trouble = options.trouble();
    this.buffers =
        ThreadLocal.withInitial(() -> new Exchange(channel, Arena.ofAuto(), Region.PAGE_SIZE));
    this.threads =
        new ThreadPoolExecutor(
            0,
            THREADS_MAX,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("fuse-" + options.name() + "-wait-", 0).factory(),
            (task, _) -> {
              if (!stopped) {
                Thread.ofVirtual().name("fuse-" + options.name() + "-wait").start(task);
              }
            });
  }

  /**
   * Answers READ {@code unique} with {@code length} bytes, of which the region has {@code within}
   * and zeroes follow, as soon as they are there.
   */
  void park(long unique, long offset, int within, int length) {
    threads.execute(() -> await(unique, offset, within, length));
  }

  /** How many reads are waiting. */
  int waiting() {
    return threads.getActiveCount();
  }

  private void await(long unique, long offset, int within, int length) {
    Exchange exchange =
        length <= Region.PAGE_SIZE ? buffers.get() : new Exchange(channel, Arena.ofAuto(), length);
    try {
      region.read(offset, exchange.payload(within));
      RequestHandler.clearBeyondEnd(exchange, within, length);
      exchange.answer(unique, length);
    } catch (IOException | RuntimeException | Error e) {
      // Once stopped, the request is the successor's, who gets it again; EIO would kill the guest.
      if (!stopped) {
        trouble.failed("READ", offset, within, e);
        exchange.refuse(unique, Errno.EIO);
      }
    }
  }

  /** Leaves the waiting reads unanswered. Their threads end when the region lets them go. */
  @Override
  public void close() {
    stopped = true;
    threads.shutdownNow();
  }
}
