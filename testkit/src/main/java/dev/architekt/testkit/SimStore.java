package dev.architekt.testkit;

import dev.architekt.migration.core.Bitmaps;
import dev.architekt.region.PageBitmap;
import java.util.Arrays;

/**
 * A region's store on one host: what was written, and what of it would survive the host. A process
 * that is killed loses neither; a host that loses power loses what was not flushed.
 */
public final class SimStore {
  /** The version of a page that is not here. */
  public static final long ABSENT = -1;

  private final long[] content;
  private final long[] durable;
  private final long[] writtenIn;
  private final PageBitmap dirty;

  public SimStore(int pages) {
    content = new long[pages];
    durable = new long[pages];
    writtenIn = new long[pages];
    Arrays.fill(content, ABSENT);
    Arrays.fill(durable, ABSENT);
    dirty = Bitmaps.clear(pages);
  }

  public int pages() {
    return content.length;
  }

  /** The version of a page, or {@link #ABSENT}. */
  public long read(int page) {
    return content[page];
  }

  public boolean durablyHas(int page) {
    return durable[page] != ABSENT;
  }

  /** The guest's write arrives: dirty, and of this epoch. */
  public void write(int page, long version, long epoch) {
    content[page] = version;
    writtenIn[page] = epoch;
    dirty.set(page);
  }

  /** A page of the other side arrives; whether it was put down. */
  public boolean receive(int page, long version, boolean onlyAbsent) {
    if (onlyAbsent && content[page] != ABSENT) {
      return false;
    }
    content[page] = version;
    return true;
  }

  /** Makes pages absent, durably. */
  public void forget(PageBitmap pages) {
    for (long page = pages.nextSet(0); page >= 0; page = pages.nextSet(page + 1)) {
      content[(int) page] = ABSENT;
      durable[(int) page] = ABSENT;
    }
  }

  public void forgetAll() {
    Arrays.fill(content, ABSENT);
    Arrays.fill(durable, ABSENT);
  }

  public void flush() {
    System.arraycopy(content, 0, durable, 0, content.length);
  }

  public void losePower() {
    System.arraycopy(durable, 0, content, 0, content.length);
  }

  public PageBitmap collectDirty() {
    PageBitmap collected = Bitmaps.clear(content.length);
    dirty.moveTo(collected);
    return collected;
  }

  public PageBitmap changedSince(long epoch) {
    PageBitmap changed = Bitmaps.clear(content.length);
    for (int page = 0; page < content.length; page++) {
      if (epoch < 0 || writtenIn[page] > epoch) {
        changed.set(page);
      }
    }
    return changed;
  }

  public PageBitmap missing() {
    PageBitmap missing = Bitmaps.clear(content.length);
    for (int page = 0; page < content.length; page++) {
      if (content[page] == ABSENT) {
        missing.set(page);
      }
    }
    return missing;
  }
}
