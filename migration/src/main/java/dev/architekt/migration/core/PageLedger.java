package dev.architekt.migration.core;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.region.PageBitmap;
import dev.architekt.region.PageRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which pages the destination still needs, and in which order they go: those that were dirtied once
 * and long ago first while the guest runs here (they are the least likely to go again), those that
 * were dirtied last first once it runs there (they are the most likely to be wanted).
 */
final class PageLedger {
  /** A run of pages to be sent: within one stripe, so that it has one lane. */
  record Next(int region, long firstPage, int pages) {}

  private final List<RegionInfo> regions;
  private final List<PageBitmap> cold;
  private final List<PageBitmap> hot;
  private final List<PageBitmap> recent;
  private final long[] coldFrom;
  private final long[] hotFrom;
  private long pending;

  PageLedger(List<RegionInfo> regions) {
    this.regions = regions;
    this.cold = Bitmaps.clear(regions);
    this.hot = Bitmaps.clear(regions);
    this.recent = Bitmaps.clear(regions);
    this.coldFrom = new long[regions.size()];
    this.hotFrom = new long[regions.size()];
  }

  /** Pages that are to be sent and are not on the way. */
  long pending() {
    return pending;
  }

  /** Everything that the destination needs at the start. */
  void start(List<PageBitmap> changed) {
    for (int region = 0; region < regions.size(); region++) {
      cold.get(region).or(changed.get(region));
    }
    rewind();
  }

  /** Exactly these are needed, whatever was believed before. */
  void replace(List<PageSet> missing) {
    cold.forEach(PageBitmap::clearAll);
    hot.forEach(PageBitmap::clearAll);
    for (PageSet set : missing) {
      Bitmaps.add(set, cold.get(set.region()));
    }
    rewind();
  }

  /** Every page is needed. */
  void all() {
    cold.forEach(PageBitmap::setAll);
    rewind();
  }

  /** The guest has dirtied these; those it had dirtied in the round before too are hot. */
  void dirtied(List<PageBitmap> dirty) {
    for (int region = 0; region < regions.size(); region++) {
      PageBitmap now = dirty.get(region);
      PageBitmap again = Bitmaps.clear(now.pages());
      again.or(now);
      again.and(recent.get(region));
      cold.get(region).or(now);
      cold.get(region).andNot(again);
      hot.get(region).or(again);
      recent.get(region).clearAll();
      recent.get(region).or(now);
    }
    rewind();
  }

  /** The guest is stopped and has dirtied these last. */
  void dirtiedLast(List<PageBitmap> dirty) {
    for (int region = 0; region < regions.size(); region++) {
      hot.get(region).or(dirty.get(region));
      cold.get(region).andNot(dirty.get(region));
    }
    rewind();
  }

  /** These are needed again: they were on the way on a link that is gone. */
  void needed(int region, long firstPage, int pages) {
    pending -= cold.get(region).clear(firstPage, pages);
    pending += hot.get(region).set(firstPage, pages);
    hotFrom[region] = 0;
  }

  /** These go by another way. */
  void taken(int region, long firstPage, int pages) {
    pending -= cold.get(region).clear(firstPage, pages);
    pending -= hot.get(region).clear(firstPage, pages);
  }

  /** Takes the next run to send, or null when nothing is pending. */
  Next next(int pagesMax, boolean recentFirst) {
    if (pending == 0) {
      return null;
    }
    Next next = recentFirst ? take(hot, hotFrom, pagesMax) : take(cold, coldFrom, pagesMax);
    if (next == null) {
      next = recentFirst ? take(cold, coldFrom, pagesMax) : take(hot, hotFrom, pagesMax);
    }
    InvariantViolation.check(next != null, pending + " pages pending and none to be found");
    return next;
  }

  private Next take(List<PageBitmap> maps, long[] from, int pagesMax) {
    for (int region = 0; region < regions.size(); region++) {
      PageBitmap map = maps.get(region);
      PageRun run = from[region] < map.pages() ? map.nextRun(from[region], pagesMax) : null;
      if (run == null) {
        from[region] = map.pages();
        continue;
      }
      long first = run.first();
      int count = (int) Math.min(run.count(), Bounds.STRIPE_PAGES - first % Bounds.STRIPE_PAGES);
      map.clear(first, count);
      from[region] = first + count;
      pending -= count;
      return new Next(region, first, count);
    }
    return null;
  }

  /** What is pending, as the list of what the destination must not trust. */
  List<PageSet> stale() {
    List<PageSet> sets = new ArrayList<>();
    for (int region = 0; region < regions.size(); region++) {
      PageBitmap both = Bitmaps.clear(regions.get(region).pages());
      both.or(cold.get(region));
      both.or(hot.get(region));
      if (!both.isEmpty()) {
        sets.add(Bitmaps.toSet(region, both));
      }
    }
    return sets;
  }

  /** What the destination may lack: what is pending, and what is on the way. */
  List<PageSet> owed(InFlight inFlight) {
    List<PageBitmap> owed = Bitmaps.clear(regions);
    for (int region = 0; region < regions.size(); region++) {
      owed.get(region).or(cold.get(region));
      owed.get(region).or(hot.get(region));
    }
    inFlight.forEach((region, first, pages) -> owed.get(region).set(first, pages));
    return Bitmaps.toSets(owed);
  }

  private void rewind() {
    Arrays.fill(coldFrom, 0);
    Arrays.fill(hotFrom, 0);
    for (int region = 0; region < regions.size(); region++) {
      cold.get(region).andNot(hot.get(region));
    }
    pending = Bitmaps.count(cold) + Bitmaps.count(hot);
  }
}
