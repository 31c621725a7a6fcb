package dev.architekt.migration.core;

import dev.architekt.migration.message.Bounds;
import java.util.Locale;

/**
 * Why the switch-over began when it did, with the numbers it was decided on.
 *
 * @param kind the rule that applied
 * @param rounds rounds finished
 * @param dirtyPages pages left to send at that moment
 * @param dirtyPagesPerSecond measured rate at which the guest dirties pages
 * @param bytesPerSecond measured bandwidth
 * @param estimateNanos estimated length of the last step
 * @param targetNanos the gap target
 */
public record SwitchReason(
    Kind kind,
    int rounds,
    long dirtyPages,
    long dirtyPagesPerSecond,
    long bytesPerSecond,
    long estimateNanos,
    long targetNanos) {
  /** The rule that applied. */
  public enum Kind {
    /** The last step fits the target gap. */
    FITS("the last step fits the target"),
    /** The guest dirties at least as fast as the line carries. */
    OUTRUN(
        "the guest dirties faster than the line carries, so that copying while it runs does not"
            + " catch up; what does not fit the target is fetched afterwards"),
    /** A round leaves about as much as the one before it. */
    ROUNDS_STOPPED_HELPING("another round would leave as much again"),
    /** The bound of rounds. */
    ROUND_LIMIT("the limit of rounds is reached"),
    /** Post-copy was asked for. */
    ASKED("post-copy was asked for");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  /** The reason as a sentence. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%s: after %d rounds %d pages left, %d pages/s (%.1f MB/s) dirtied, %.1f MB/s carried, last"
            + " step estimated at %.1f ms, target %.1f ms",
        kind.text,
        rounds,
        dirtyPages,
        dirtyPagesPerSecond,
        dirtyPagesPerSecond * (double) Bounds.PAGE_BYTES / 1e6,
        bytesPerSecond / 1e6,
        estimateNanos / 1e6,
        targetNanos / 1e6);
  }
}
