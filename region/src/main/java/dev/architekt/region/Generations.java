package dev.architekt.region;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * In which epoch each page was last written, in the low byte of that epoch. Wrong only towards
 * "newer": what was written more than {@link #WINDOW} epochs ago may look like something recent,
 * never the other way round.
 */
final class Generations {
  /**
   * How many epochs back a question can be answered; further back, every page counts as changed.
   */
  static final int WINDOW = 250;

  private static final int OLDEST = 255;
  private final StoreMaps maps;
  private final MemorySegment bytes;

  Generations(StoreMaps maps) {
    this.maps = maps;
    this.bytes = maps.generation;
  }

  long current() {
    return maps.word(StoreMaps.EPOCH);
  }

  /**
   * The owner's word on the current epoch: from here on changes are known even if a crash lost the
   * earlier ones.
   */
  synchronized void begin(long epoch) {
    if (epoch < current()) {
      throw new IllegalArgumentException("epoch " + epoch + " after " + current());
    }
    maps.word(StoreMaps.EPOCH, epoch);
    if (maps.word(StoreMaps.KNOWN_FROM) == StoreMaps.UNKNOWN) {
      maps.word(StoreMaps.KNOWN_FROM, epoch);
    }
  }

  /** Pages of {@code epoch} arrive: the current one is not older than that. */
  void observe(long epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch " + epoch);
    }
    if (epoch > current()) {
      synchronized (this) {
        maps.word(StoreMaps.EPOCH, Math.max(epoch, current()));
      }
    }
  }

  /**
   * Marks pages as last written in {@code epoch}, which has been observed. The caller holds their
   * lock.
   */
  void mark(long first, long count, long epoch) {
    // One byte cannot say "older than all": that age is the oldest it can.
    byte low = (byte) Math.max(epoch, current() - OLDEST);
    for (long page = first; page < first + count; page++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, page) != low) {
        bytes.set(ValueLayout.JAVA_BYTE, page, low);
      }
    }
  }

  private long known() {
    long known = maps.word(StoreMaps.KNOWN_FROM);
    return known == StoreMaps.UNKNOWN ? current() : known;
  }

  long of(long page) {
    long now = current();
    long age = (now - bytes.get(ValueLayout.JAVA_BYTE, page)) & 0xff;
    return Math.max(known(), now - age);
  }

  PageBitmap since(long epoch, long pages) {
    PageBitmap changed = new PageBitmap(pages);
    long now = current();
    if (epoch < maps.word(StoreMaps.KNOWN_FROM) || now - epoch > WINDOW) {
      changed.setAll();
      return changed;
    }
    for (long page = 0; page < pages; page++) {
      if (((now - bytes.get(ValueLayout.JAVA_BYTE, page)) & 0xff) < now - epoch) {
        changed.set(page);
      }
    }
    return changed;
  }
}
