package dev.architekt.migration.core;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Strategy;
import java.util.Optional;

/**
 * Decides after each round whether to switch over, from what was measured.
 *
 * @param strategy what was asked for
 * @param targetNanos the gap target
 * @param overheadNanos what a switch-over costs without a single page: hooks, state, resume
 */
record SwitchDecision(Strategy strategy, long targetNanos, long overheadNanos) {
  /** More rounds than this never pay. */
  static final int ROUNDS_MAX = 30;

  /** A round helps when it leaves less than this share of what the one before it left. */
  static final double HELPING = 0.8;

  /**
   * A last step that fits the target is made shorter while rounds help, until sending takes no
   * longer than this: a round of few pages costs the guest nothing, a page less in the pause costs
   * it less.
   */
  static final long SHORT_NANOS = 3_000_000;

  /** A guest that has just arrived needs a few pages one after the other. */
  private static final int ROUND_TRIPS = 3;

  /**
   * @param rounds rounds finished, 1 or more
   * @param left pages left to send now
   * @param leftBefore pages left one round ago
   * @param measured whether both rates were seen over a time that says something, and not assumed
   */
  Optional<SwitchReason> decide(
      int rounds,
      long left,
      long leftBefore,
      long dirtyPagesPerSecond,
      long bytesPerSecond,
      boolean measured) {
    long send = sendNanos(left, bytesPerSecond);
    long estimate = overheadNanos + send;
    boolean fits = estimate <= targetNanos || left == 0;
    boolean helps = rounds < 2 || left <= leftBefore * HELPING;
    SwitchReason.Kind kind = null;
    if (strategy == Strategy.POST_COPY) {
      kind = SwitchReason.Kind.ASKED;
    } else if (fits && (send <= SHORT_NANOS || !helps)) {
      kind = SwitchReason.Kind.FITS;
    } else if (strategy == Strategy.AUTO
        && !fits
        && measured
        && outrun(dirtyPagesPerSecond, bytesPerSecond)) {
      kind = SwitchReason.Kind.OUTRUN;
    } else if (rounds >= ROUNDS_MAX) {
      kind = SwitchReason.Kind.ROUND_LIMIT;
    } else if (!helps) {
      kind = SwitchReason.Kind.ROUNDS_STOPPED_HELPING;
    }
    return Optional.ofNullable(kind)
        .map(k ->
            new SwitchReason(
                k, rounds, left, dirtyPagesPerSecond, bytesPerSecond, estimate, targetNanos));
  }

  /** Whether the guest dirties at least as fast as the line carries: no round catches up then. */
  static boolean outrun(long dirtyPagesPerSecond, long bytesPerSecond) {
    return dirtyPagesPerSecond * (double) Bounds.PAGE_BYTES >= bytesPerSecond;
  }

  /** Pages that may still be sent while the guest is paused. */
  long budgetPages(long bytesPerSecond) {
    return switch (strategy) {
      case PRE_COPY -> Long.MAX_VALUE;
      case POST_COPY -> 0;
      case AUTO -> {
        double seconds = Math.max(0, targetNanos - overheadNanos) / 1e9;
        yield (long) (seconds * bytesPerSecond / Bounds.PAGE_BYTES);
      }
    };
  }

  /**
   * Pages that may still be sent while the guest is paused because the other side is far away: each
   * that is left behind and needed costs a round trip, one after the other, so what goes in a few
   * had better go.
   */
  long pagesOfARoundTrip(long roundTripNanos, long bytesPerSecond) {
    return strategy == Strategy.POST_COPY
        ? 0
        : (long) (ROUND_TRIPS * roundTripNanos / 1e9 * bytesPerSecond / Bounds.PAGE_BYTES);
  }

  static long sendNanos(long pages, long bytesPerSecond) {
    return (long) (pages * (double) Bounds.PAGE_BYTES / Math.max(1, bytesPerSecond) * 1e9);
  }
}
