package dev.architekt.migration.core;

/** How many pages readers waited for, and how long the first of them took to arrive. */
final class DemandClock {
  private long demanded;
  private boolean waiting;
  private int region;
  private long page;
  private long askedAt;
  private long firstAnswerNanos = -1;

  /** Pages were asked for that nobody had asked for before. */
  void asked(long now, int ofRegion, long firstPage, int pages) {
    if (demanded == 0) {
      waiting = true;
      region = ofRegion;
      page = firstPage;
      askedAt = now;
    }
    demanded += pages;
  }

  /** Pages were put away, on whatever lane they came. */
  void stored(long now, int ofRegion, long firstPage, int pages) {
    boolean it = ofRegion == region && firstPage <= page && page < firstPage + pages;
    if (waiting && it) {
      waiting = false;
      firstAnswerNanos = now - askedAt;
    }
  }

  long demanded() {
    return demanded;
  }

  /** From asking for the first page until it was put away; -1 before that. */
  long firstAnswerNanos() {
    return firstAnswerNanos;
  }
}
