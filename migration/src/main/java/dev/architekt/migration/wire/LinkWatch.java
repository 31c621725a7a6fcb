package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Notices a link that has gone silent, and keeps this side from seeming so.
 *
 * <p>The watching itself never does I/O: it must go on when every write blocks. Each lane's signs
 * of life come from a virtual thread of its own, since a write may block on that lane alone.
 */
final class LinkWatch {
  // The round trip is known soon, not only after two ordinary beats.
  private static final int QUICK_BEATS = 5;
  private static final Duration QUICK_BEAT = Duration.ofMillis(15);

  private final Link link;
  private final List<LaneConnection> lanes;
  private final WireOptions options;

  LinkWatch(Link link, List<LaneConnection> lanes, WireOptions options) {
    this.link = link;
    this.lanes = lanes;
    this.options = options;
  }

  void start() {
    for (LaneConnection lane : lanes) {
      Thread.ofVirtual().name("wire-keep-alive").start(() -> speak(lane));
    }
    Deadline.after(options.keepAlive(), this::listen);
  }

  private void speak(LaneConnection lane) {
    try {
      for (int beat = 0; link.isOpen(); beat++) {
        lane.keepAlive();
        boolean early = beat < QUICK_BEATS && lane.lane() == Lane.CONTROL;
        Thread.sleep(early ? QUICK_BEAT : options.keepAlive());
      }
    } catch (IOException e) {
      link.lose(new LaneLostException(lane.lane(), "keep-alive: " + e, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    if (!link.isOpen()) {
      return;
    }
    long now = System.nanoTime();
    for (LaneConnection lane : lanes) {
      long silence = lane.silence(now);
      if (silence > options.deadAfter().toNanos()) {
        link.lose(
            new LaneLostException(
                lane.lane(),
                "nothing heard for "
                    + silence / 1_000_000
                    + " ms (limit "
                    + options.deadAfter().toMillis()
                    + " ms)",
                null));
        return;
      }
    }
    Deadline.after(options.keepAlive(), this::listen);
  }
}
