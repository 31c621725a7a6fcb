package dev.architekt.migration.wire;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Pages that both sides have and that never change, numbered from 0: a page that equals one of them
 * travels as its number. Thread-safe.
 */
public interface BasePages {
  /** Neither side has any. */
  BasePages NONE =
      new BasePages() {
        @Override
        public long count() {
          return 0;
        }

        @Override
        public long find(MemorySegment page) {
          return -1;
        }

        @Override
        public void read(long first, MemorySegment target) {
          throw new IllegalArgumentException("page " + first + " of none");
        }
      };

  /** How many there are, at most {@code Integer.MAX_VALUE}. */
  long count() throws IOException;

  /** A page with exactly these bytes; −1 when there is none, or when it is not easily found. */
  long find(MemorySegment page) throws IOException;

  /** Fills {@code target}, whole pages, from page {@code first} on; all are below the count. */
  void read(long first, MemorySegment target) throws IOException;
}
