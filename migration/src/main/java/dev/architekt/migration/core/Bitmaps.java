package dev.architekt.migration.core;

import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.region.PageBitmap;
import dev.architekt.region.PageRun;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Page bitmaps on the heap, and their form in messages. */
public final class Bitmaps {
  private Bitmaps() {}

  /** A clear bitmap that the collector frees like any object. */
  public static PageBitmap clear(long pages) {
    return PageBitmap.over(
        MemorySegment.ofArray(new long[(int) (PageBitmap.bytesFor(pages) / Long.BYTES)]), pages);
  }

  /** One clear bitmap a region. */
  static List<PageBitmap> clear(List<RegionInfo> regions) {
    List<PageBitmap> maps = new ArrayList<>(regions.size());
    for (RegionInfo region : regions) {
      maps.add(clear(region.pages()));
    }
    return List.copyOf(maps);
  }

  /** The set in a message's form; words after the last page in it are left out. */
  public static PageSet toSet(int region, PageBitmap map) {
    long[] words = new long[(int) (PageBitmap.bytesFor(map.pages()) / Long.BYTES)];
    int used = 0;
    for (PageRun run = map.nextRun(0, Long.MAX_VALUE);
        run != null;
        run = run.end() < map.pages() ? map.nextRun(run.end(), Long.MAX_VALUE) : null) {
      for (long page = run.first(); page < run.end(); page++) {
        words[(int) (page >>> 6)] |= 1L << page;
      }
      used = (int) ((run.end() - 1) >>> 6) + 1;
    }
    return new PageSet(region, java.util.Arrays.copyOf(words, used));
  }

  /** The sets of all regions that have any page. */
  static List<PageSet> toSets(List<PageBitmap> maps) {
    List<PageSet> sets = new ArrayList<>();
    for (int region = 0; region < maps.size(); region++) {
      if (!maps.get(region).isEmpty()) {
        sets.add(toSet(region, maps.get(region)));
      }
    }
    return sets;
  }

  /**
   * Sets the pages of {@code set} in {@code map}.
   *
   * @throws IllegalArgumentException when the set has a page behind the map's last one
   */
  public static void add(PageSet set, PageBitmap map) {
    long[] words = set.words();
    for (int index = 0; index < words.length; index++) {
      for (long word = words[index]; word != 0; word &= word - 1) {
        long page = 64L * index + Long.numberOfTrailingZeros(word);
        if (page >= map.pages()) {
          throw new IllegalArgumentException(
              "page " + page + " of region " + set.region() + ", which has " + map.pages());
        }
        map.set(page);
      }
    }
  }

  /** How many pages are set in all of them. */
  static long count(List<PageBitmap> maps) {
    long count = 0;
    for (PageBitmap map : maps) {
      count += map.count();
    }
    return count;
  }

  static boolean isEmpty(List<PageBitmap> maps) {
    for (PageBitmap map : maps) {
      if (!map.isEmpty()) {
        return false;
      }
    }
    return true;
  }
}
