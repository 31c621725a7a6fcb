package dev.architekt.region;

import dev.architekt.region.Region.Content;
import dev.architekt.region.Region.Extent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a store's range holds: absent pages by the presence map, holes and data by the file system.
 */
final class ExtentScan {
  private final List<Extent> extents = new ArrayList<>();
  private final PageBitmap present;
  private final DataFile data;

  ExtentScan(PageBitmap present, DataFile data) {
    this.present = present;
    this.data = data;
  }

  List<Extent> scan(long offset, long length) throws IOException {
    long end = offset + length;
    for (long at = offset; at < end; ) {
      long page = at / Region.PAGE_SIZE;
      boolean here = present.get(page);
      long last = (end + Region.PAGE_SIZE - 1) / Region.PAGE_SIZE;
      long next = here ? present.nextClear(page, last) : present.nextSet(page, last);
      long until = Math.min(end, next * Region.PAGE_SIZE);
      if (here) {
        scanPresent(at, until);
      } else {
        add(at, until, Content.ABSENT);
      }
      at = until;
    }
    return extents;
  }

  private void scanPresent(long from, long end) throws IOException {
    for (long at = from; at < end; ) {
      long run = data.runEnd(at, end);
      long until = Math.abs(run);
      add(at, until, run < 0 ? Content.ZERO : Content.DATA);
      at = until;
    }
  }

  private void add(long from, long to, Content content) {
    Extent last = extents.isEmpty() ? null : extents.getLast();
    if (last != null && last.content() == content) {
      extents.set(extents.size() - 1, new Extent(last.offset(), to - last.offset(), content));
    } else {
      extents.add(new Extent(from, to - from, content));
    }
  }
}
