package dev.architekt.migration.core;

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
    /** The guest dirties as fast as the link carries. */
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
        "%s: after %d rounds %d pages left, %d pages/s dirtied, %.1f MB/s, last step estimated at"
            + " %.1f ms, target %.1f ms",
        kind.text,
        rounds,
        dirtyPages,
        dirtyPagesPerSecond,
        bytesPerSecond / 1e6,
        estimateNanos / 1e6,
        targetNanos / 1e6);
  }
}
