package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds pages that are all zero, at memory speed. */
public final class ZeroPages {
  private static final MemorySegment ZEROES =
      Arena.global().allocate(Bounds.PAGE_BYTES, 64).asReadOnly();

  private ZeroPages() {}

  /**
   * Whether page {@code page} of {@code pages} (counted from its start) holds nothing but zeroes.
   */
  public static boolean isZero(MemorySegment pages, long page) {
    long at = page * Bounds.PAGE_BYTES;
    // Most pages that are not zero differ early; the vectorised comparison is for those that are.
    return pages.get(ValueLayout.JAVA_LONG_UNALIGNED, at) == 0
        && MemorySegment.mismatch(pages, at, at + Bounds.PAGE_BYTES, ZEROES, 0, Bounds.PAGE_BYTES)
            < 0;
  }

  /**
   * How many pages from {@code first} on, at most to {@code end}, are zero (or are not) as that
   * one.
   */
  public static int run(MemorySegment pages, int first, int end) {
    boolean zero = isZero(pages, first);
    int next = first + 1;
    while (next < end && isZero(pages, next) == zero) {
      next++;
    }
    return next - first;
  }
}
