package dev.architekt.cli.lab.link;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import java.lang.foreign.Arena;
import java.util.random.RandomGenerator;

/** One way through a relay: takes frames out of a tap, and puts them into another one later. */
final class Direction {
  private static final int SLOTS_MIN = 4096;
  private static final int SLOTS_MAX = 65_536;
  private static final int BYTES_A_FRAME = 256; // of a mix of full segments and acknowledgements
  private static final int BATCH = 64; // frames read before due ones are written

  private final Fd from;
  private final Fd to;
  private final long delayNanos;
  private final double loss;
  private final RandomGenerator random;
  private final FrameQueue queue;
  private long carried;
  private long lost;
  private long overrun;

  Direction(Fd from, Fd to, LinkShape shape, RandomGenerator random, Arena arena) {
    this.from = from;
    this.to = to;
    this.delayNanos = shape.delayNanos();
    this.loss = shape.loss();
    this.random = random;
    double underWay = shape.bitsPerSecond() / 8.0 * delayNanos / 1e9;
    this.queue =
        new FrameQueue(arena, (int) Math.clamp(underWay / BYTES_A_FRAME, SLOTS_MIN, SLOTS_MAX));
  }

  /** Takes what waits in the tap, up to a batch: frames that come at {@code now}. */
  void take(long now) throws LinuxException {
    for (int i = 0; i < BATCH; i++) {
      if (queue.isFull()) {
        deliver(Long.MAX_VALUE, 1); // early rather than never; counted, so that nobody is misled
        overrun++;
      }
      long length = readFrame();
      if (length <= 0) {
        return;
      }
      if (loss > 0 && random.nextDouble() < loss) {
        lost++;
      } else {
        queue.add((int) length, now + delayNanos);
      }
    }
  }

  private long readFrame() throws LinuxException {
    try {
      return from.read(queue.free());
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return 0;
      }
      throw e;
    }
  }

  /** Writes the frames that have arrived by {@code now}. */
  void deliver(long now) throws LinuxException {
    deliver(now, Integer.MAX_VALUE);
  }

  private void deliver(long now, int most) throws LinuxException {
    for (int i = 0; i < most && !queue.isEmpty() && queue.firstDue() <= now; i++) {
      try {
        to.write(queue.first());
        carried++;
      } catch (LinuxException e) {
        if (e.errno() != Errno.EIO && e.errno() != Errno.ENOBUFS && e.errno() != Errno.EAGAIN) {
          throw e;
        }
        overrun++; // the tap is down, or its bridge is full: as a switch would, it drops
      }
      queue.removeFirst();
    }
  }

  /**
   * How long after {@code now} the next frame arrives; {@code otherwise} when none is under way.
   */
  long nextIn(long now, long otherwise) {
    return queue.isEmpty() ? otherwise : Math.min(otherwise, queue.firstDue() - now);
  }

  long carried() {
    return carried;
  }

  long lost() {
    return lost;
  }

  /** Frames for which there was no room; a relay that keeps up has none. */
  long overrun() {
    return overrun;
  }
}
