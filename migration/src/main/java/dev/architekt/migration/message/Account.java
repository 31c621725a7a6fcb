package dev.architekt.migration.message;

/**
 * What the source has to say about a migration, told to the destination once the guest runs there.
 * The counts and rates are all -1 when the source was started again in the middle of it: what it
 * still knows is a part of them.
 *
 * @param rounds pre-copy rounds that were finished, 0 or more, or -1
 * @param pagesSent pages sent with data, counted again each time
 * @param pagesZero pages sent as a flag
 * @param pagesElided pages that the destination held already
 * @param pagesStale pages that were left behind at the grant
 * @param bytesSent bytes of payload on the lanes, after compression
 * @param dirtyPagesPerSecond last measured rate
 * @param bytesPerSecond last measured bandwidth
 * @param switchReason why the switch-over happened when it did, for people, with numbers
 * @param pauseNanos from stop at the source to cont at the destination; -1 when it is not known,
 *     since one side was started again in between
 * @param pause the source's share of it
 */
public record Account(
    int rounds,
    long pagesSent,
    long pagesZero,
    long pagesElided,
    long pagesStale,
    long bytesSent,
    long dirtyPagesPerSecond,
    long bytesPerSecond,
    String switchReason,
    long pauseNanos,
    SourcePause pause) {
  public Account {
    Bounds.inRange("rounds", rounds, -1, Integer.MAX_VALUE);
    Bounds.inRange("pagesSent", pagesSent, -1, Long.MAX_VALUE);
    Bounds.inRange("pagesZero", pagesZero, -1, Long.MAX_VALUE);
    Bounds.inRange("pagesElided", pagesElided, -1, Long.MAX_VALUE);
    Bounds.inRange("pagesStale", pagesStale, -1, Long.MAX_VALUE);
    Bounds.inRange("bytesSent", bytesSent, -1, Long.MAX_VALUE);
    Bounds.inRange("dirtyPagesPerSecond", dirtyPagesPerSecond, -1, Long.MAX_VALUE);
    Bounds.inRange("bytesPerSecond", bytesPerSecond, -1, Long.MAX_VALUE);
    Bounds.text("switchReason", switchReason, Bounds.TEXT_MAX);
    Bounds.inRange("pauseNanos", pauseNanos, -1, Long.MAX_VALUE);
  }

  /** One of a source that was started again and has no figures. */
  public static Account unknown(String switchReason) {
    return new Account(-1, -1, -1, -1, -1, -1, -1, -1, switchReason, -1, SourcePause.UNKNOWN);
  }

  /** Whether the source has figures. */
  public boolean known() {
    return rounds >= 0;
  }
}
