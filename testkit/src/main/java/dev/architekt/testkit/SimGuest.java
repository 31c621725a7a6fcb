package dev.architekt.testkit;

/** What the guest's clients know: the version of each page whose write was acknowledged. */
public final class SimGuest {
  private final long[][] acknowledged;
  private long version;
  private long progress;

  public SimGuest(int[] pagesOfRegion) {
    acknowledged = new long[pagesOfRegion.length][];
    for (int region = 0; region < pagesOfRegion.length; region++) {
      acknowledged[region] = new long[pagesOfRegion[region]];
    }
  }

  /** The version that a read of the page must find. */
  public long expected(int region, int page) {
    return acknowledged[region][page];
  }

  /** A write that will be acknowledged: a version that was never used. */
  public long write(int region, int page) {
    acknowledged[region][page] = ++version;
    progress++;
    return version;
  }

  /** How far the guest has come; a machine with less is an old state. */
  public long progress() {
    return progress;
  }
}
