package dev.architekt.migration.core;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.region.PageBitmap;
import dev.architekt.region.PageRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What has arrived at a destination on its link, what is missing, and what somebody waits for. */
final class Arrivals {
  private final List<RegionInfo> regions;
  private final List<PageBitmap> missing;
  private final List<PageBitmap> wanted;
  private final long[] storedOfLane = new long[Lane.COUNT_MAX];
  private long storedOnLink;
  private boolean dropped;

  Arrivals(List<RegionInfo> regions) {
    this.regions = regions;
    this.missing = Bitmaps.clear(regions);
    this.wanted = Bitmaps.clear(regions);
  }

  /** Pages put away since the link came up. */
  long storedOnLink() {
    return storedOnLink;
  }

  /** Another link has come up; what each lane of the one before it has stored, if that is known. */
  List<Long> newLink() {
    List<Long> before = dropped ? List.of() : Arrays.stream(storedOfLane).boxed().toList();
    Arrays.fill(storedOfLane, 0);
    storedOnLink = 0;
    dropped = false;
    return before;
  }

  /** Pages of this link were not put away, and later ones of their lane may be. */
  void dropped() {
    dropped = true;
  }

  /** Counts pages that were put away; the sum of the lane. */
  long stored(int lane, int region, long firstPage, int pages) {
    storedOnLink += pages;
    missing.get(region).clear(firstPage, pages);
    wanted.get(region).clear(firstPage, pages);
    return storedOfLane[lane] += pages;
  }

  void missing(List<PageSet> sets) {
    for (PageSet set : sets) {
      Bitmaps.add(set, missing.get(set.region()));
    }
  }

  void missingMaps(List<PageBitmap> maps) {
    for (int region = 0; region < maps.size(); region++) {
      missing.get(region).or(maps.get(region));
    }
  }

  void nothingMissing() {
    missing.forEach(PageBitmap::clearAll);
    wanted.forEach(PageBitmap::clearAll);
  }

  boolean complete() {
    return Bitmaps.isEmpty(missing);
  }

  long missingPages() {
    return Bitmaps.count(missing);
  }

  List<PageSet> missingSets() {
    return Bitmaps.toSets(missing);
  }

  /** Notes that somebody waits; true when at least one page was not asked for yet. */
  boolean wanted(int region, long firstPage, int pages) {
    return wanted.get(region).set(firstPage, pages) > 0;
  }

  /** Everything that somebody waits for, in demands of allowed length. */
  List<Message.Demand> demands() {
    List<Message.Demand> demands = new ArrayList<>();
    for (int region = 0; region < regions.size(); region++) {
      PageBitmap map = wanted.get(region);
      for (PageRun run = map.nextRun(0, Bounds.DATA_PAGES_MAX);
          run != null;
          run = map.nextRun(run.end(), Bounds.DATA_PAGES_MAX)) {
        demands.add(new Message.Demand(region, run.first(), (int) run.count()));
      }
    }
    return demands;
  }

  /** Whether the pages lie in a region of this instance. */
  boolean inside(int region, long firstPage, int pages) {
    return region < regions.size() && firstPage + pages <= regions.get(region).pages();
  }

  boolean inside(List<PageSet> sets) {
    for (PageSet set : sets) {
      if (set.region() >= regions.size()) {
        return false;
      }
      long[] words = set.words();
      for (int i = words.length - 1; i >= 0; i--) {
        if (words[i] != 0) {
          long last = 64L * i + 63 - Long.numberOfLeadingZeros(words[i]);
          if (last >= regions.get(set.region()).pages()) {
            return false;
          }
          break;
        }
      }
    }
    return true;
  }
}
