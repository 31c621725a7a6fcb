package dev.architekt.migration.core;

import dev.architekt.migration.message.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** What is on the way on one link, lane by lane, until the destination says that it is stored. */
final class InFlight {
  /** Consecutive pages of a region that were sent with one effect. */
  record Run(int region, long firstPage, int pages) {}

  /** Who hears of a run that is on the way no longer. */
  interface Sink {
    void run(int region, long firstPage, int pages);
  }

  private static final class OfLane {
    final ArrayDeque<Run> runs = new ArrayDeque<>();
    int headStored;
    long sent;
    long stored;
  }

  private final List<OfLane> lanes = new ArrayList<>();
  private long pages;
  private long sent;

  InFlight() {
    for (int lane = 0; lane < Lane.COUNT_MAX; lane++) {
      lanes.add(new OfLane());
    }
  }

  /** Pages on the way. */
  long pages() {
    return pages;
  }

  /** Pages sent since the link came up. */
  long sent() {
    return sent;
  }

  void sent(int lane, int region, long firstPage, int count) {
    OfLane l = lanes.get(lane);
    l.runs.add(new Run(region, firstPage, count));
    l.sent += count;
    pages += count;
    sent += count;
  }

  /**
   * Takes a confirmation.
   *
   * @param total pages stored on the lane since the link came up
   * @return pages newly confirmed, or -1 when the other side claims more than was sent, or less
   *     than before
   */
  long stored(int lane, long total) {
    OfLane l = lanes.get(lane);
    long fresh = total - l.stored;
    if (fresh < 0 || fresh > l.sent - l.stored) {
      return -1;
    }
    long left = fresh;
    while (left > 0) {
      int rest = l.runs.peek().pages() - l.headStored;
      if (left < rest) {
        l.headStored += (int) left;
        left = 0;
      } else {
        left -= rest;
        l.headStored = 0;
        l.runs.poll();
      }
    }
    l.stored = total;
    pages -= fresh;
    return fresh;
  }

  /** Tells what is not confirmed. */
  void forEach(Sink sink) {
    for (OfLane l : lanes) {
      int stored = l.headStored; // of the first run, in the order of its pages
      for (Run run : l.runs) {
        sink.run(run.region(), run.firstPage() + stored, run.pages() - stored);
        stored = 0;
      }
    }
  }

  /** The link is gone: tells what was not confirmed, and starts anew. */
  void lost(Sink sink) {
    forEach(sink);
    for (OfLane l : lanes) {
      l.runs.clear();
      l.headStored = 0;
      l.sent = 0;
      l.stored = 0;
    }
    pages = 0;
    sent = 0;
  }
}
