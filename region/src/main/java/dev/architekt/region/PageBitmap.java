package dev.architekt.region;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * One bit a page, in long words over a memory segment, so that it may live in a mapped file.
 *
 * <p>Thread-safe: every change of a word is one atomic instruction, so that no change is lost to
 * another one. Methods that look at several words ({@link #count()}, {@link #runs()}, {@link #all})
 * see each word at its own moment. Bit {@code p} is bit {@code p % 64} of the little-endian word
 * {@code p / 64}; bits behind the last page stay clear.
 */
public final class PageBitmap {
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  // Reaches words by byte offset; every offset used is a multiple of 8 inside the segment.
  private static final VarHandle WORDS = WORD.varHandle();

  private final MemorySegment bits;
  private final long pages;
  private final long words;

  /** A bitmap of {@code pages} clear bits in memory of its own outside the heap. */
  public PageBitmap(long pages) {
    this(Arena.ofAuto().allocate(bytesFor(pages), Long.BYTES), pages);
  }

  private PageBitmap(MemorySegment bits, long pages) {
    this.bits = bits;
    this.pages = pages;
    this.words = bytesFor(pages) / Long.BYTES;
  }

  /**
   * A view of {@code segment}, which holds at least {@link #bytesFor} bytes at an address that is a
   * multiple of 8. Bits behind the last page must be clear.
   */
  public static PageBitmap over(MemorySegment segment, long pages) {
    if (segment.byteSize() < bytesFor(pages) || segment.address() % Long.BYTES != 0) {
      throw new IllegalArgumentException(
          pages + " bits do not fit " + segment.byteSize() + " bytes at " + segment.address());
    }
    return new PageBitmap(segment, pages);
  }

  /** Bytes that {@code pages} bits take: whole words, at least one. */
  public static long bytesFor(long pages) {
    if (pages < 0 || pages > Long.MAX_VALUE / 2) {
      throw new IllegalArgumentException("bitmap of " + pages + " pages");
    }
    return Math.max(1, (pages + 63) / 64) * Long.BYTES;
  }

  public long pages() {
    return pages;
  }

  public boolean get(long page) {
    check(page, 1);
    return (word(page >>> 6) & (1L << page)) != 0;
  }

  /** Sets one bit; whether it was clear. */
  public boolean set(long page) {
    check(page, 1);
    long bit = 1L << page;
    return ((long) WORDS.getAndBitwiseOr(bits, offset(page >>> 6), bit) & bit) == 0;
  }

  /** Clears one bit; whether it was set. */
  public boolean clear(long page) {
    check(page, 1);
    long bit = 1L << page;
    return ((long) WORDS.getAndBitwiseAnd(bits, offset(page >>> 6), ~bit) & bit) != 0;
  }

  /** Sets {@code count} bits from {@code first}; how many of them were clear. */
  public long set(long first, long count) {
    check(first, count);
    long changed = 0;
    for (long page = first, end = first + count; page < end; page = (page | 63) + 1) {
      long mask = mask(page, end);
      long old = (long) WORDS.getAndBitwiseOr(bits, offset(page >>> 6), mask);
      changed += Long.bitCount(~old & mask);
    }
    return changed;
  }

  /** Clears {@code count} bits from {@code first}; how many of them were set. */
  public long clear(long first, long count) {
    check(first, count);
    long changed = 0;
    for (long page = first, end = first + count; page < end; page = (page | 63) + 1) {
      long mask = mask(page, end);
      long old = (long) WORDS.getAndBitwiseAnd(bits, offset(page >>> 6), ~mask);
      changed += Long.bitCount(old & mask);
    }
    return changed;
  }

  public void setAll() {
    set(0, pages);
  }

  public void clearAll() {
    clear(0, pages);
  }

  /** Whether each of the {@code count} bits from {@code first} is set. */
  public boolean all(long first, long count) {
    check(first, count);
    for (long page = first, end = first + count; page < end; page = (page | 63) + 1) {
      long mask = mask(page, end);
      if ((word(page >>> 6) & mask) != mask) {
        return false;
      }
    }
    return true;
  }

  /** The first set bit at or after {@code from}, or −1. Looks at all bits up to it. */
  public long nextSet(long from) {
    long page = next(from, pages, 0);
    return page < pages ? page : -1;
  }

  /** The first clear bit at or after {@code from}, or −1. Looks at all bits up to it. */
  public long nextClear(long from) {
    long page = next(from, pages, -1L);
    return page < pages ? page : -1;
  }

  /** The first set bit in {@code [from, end)}, or {@code end}; looks no further. */
  public long nextSet(long from, long end) {
    return next(from, end, 0);
  }

  /** The first clear bit in {@code [from, end)}, or {@code end}; looks no further. */
  public long nextClear(long from, long end) {
    return next(from, end, -1L);
  }

  private long next(long from, long end, long flip) {
    if (from < 0 || end > pages) {
      throw new IndexOutOfBoundsException("pages " + from + " to " + end + " of " + pages);
    }
    if (from >= end) {
      return end;
    }
    long index = from >>> 6;
    long last = (end - 1) >>> 6;
    long word = (word(index) ^ flip) & (-1L << from);
    while (word == 0) {
      if (++index > last) {
        return end;
      }
      word = word(index) ^ flip;
    }
    return Math.min(end, (index << 6) + Long.numberOfTrailingZeros(word));
  }

  /**
   * The first run of set bits at or after {@code from} and no longer than {@code maxCount}; null if
   * there is none.
   */
  public PageRun nextRun(long from, long maxCount) {
    long first = nextSet(from);
    if (first < 0) {
      return null;
    }
    long end = nextClear(first, first + Math.min(maxCount, pages - first));
    return new PageRun(first, end - first);
  }

  /** All runs of set bits, in order. */
  public List<PageRun> runs() {
    List<PageRun> runs = new ArrayList<>();
    for (PageRun run = nextRun(0, pages); run != null; run = nextRun(run.end(), pages)) {
      runs.add(run);
    }
    return runs;
  }

  /** How many bits are set. */
  public long count() {
    return count(0, pages);
  }

  /** How many of the {@code count} bits from {@code first} are set. */
  public long count(long first, long count) {
    check(first, count);
    long set = 0;
    for (long page = first, end = first + count; page < end; page = (page | 63) + 1) {
      set += Long.bitCount(word(page >>> 6) & mask(page, end));
    }
    return set;
  }

  public boolean isEmpty() {
    return nextSet(0) < 0;
  }

  /** Sets every bit that is set in {@code other}, which is of the same size. */
  public void or(PageBitmap other) {
    same(other);
    for (long i = 0; i < words; i++) {
      long word = other.word(i);
      if (word != 0) {
        long ignored = (long) WORDS.getAndBitwiseOr(bits, offset(i), word);
      }
    }
  }

  /** Clears every bit that is clear in {@code other}, which is of the same size. */
  public void and(PageBitmap other) {
    same(other);
    for (long i = 0; i < words; i++) {
      long ignored = (long) WORDS.getAndBitwiseAnd(bits, offset(i), other.word(i));
    }
  }

  /** Clears every bit that is set in {@code other}, which is of the same size. */
  public void andNot(PageBitmap other) {
    same(other);
    for (long i = 0; i < words; i++) {
      long word = other.word(i);
      if (word != 0) {
        long ignored = (long) WORDS.getAndBitwiseAnd(bits, offset(i), ~word);
      }
    }
  }

  /**
   * Moves all set bits to {@code into}, which is of the same size and keeps what it had; how many
   * were moved. Word by word atomic: a bit that is set meanwhile is moved now or still here, never
   * lost.
   */
  public long moveTo(PageBitmap into) {
    same(into);
    long moved = 0;
    for (long i = 0; i < words; i++) {
      if (word(i) != 0) {
        long word = (long) WORDS.getAndSet(bits, offset(i), 0L);
        long ignored = (long) WORDS.getAndBitwiseOr(into.bits, offset(i), word);
        moved += Long.bitCount(word);
      }
    }
    return moved;
  }

  /** A copy in memory of its own. */
  public PageBitmap copy() {
    PageBitmap copy = new PageBitmap(pages);
    copy.or(this);
    return copy;
  }

  /** The 64 bits from page {@code 64 * index}. */
  long word(long index) {
    return (long) WORDS.getVolatile(bits, offset(index));
  }

  /**
   * Sets the bits of {@code word} at page {@code 64 * index}; none may lie behind the last page.
   */
  void orWord(long index, long word) {
    long ignored = (long) WORDS.getAndBitwiseOr(bits, offset(index), word);
  }

  /** Whether bits behind the last page are set, which only a damaged file can have. */
  boolean strayBits() {
    long used = pages - (words - 1) * 64;
    return used < 64 && (word(words - 1) >>> used) != 0;
  }

  private static long offset(long index) {
    return index * Long.BYTES;
  }

  /** The bits of {@code page}'s word that lie in {@code [page, end)}. */
  private static long mask(long page, long end) {
    long mask = -1L << page;
    return end > (page | 63) ? mask : mask & ~(-1L << end);
  }

  private void check(long first, long count) {
    if (first < 0 || count < 0 || first > pages - count) {
      throw new IndexOutOfBoundsException(
          count + " pages from page " + first + " of a bitmap of " + pages);
    }
  }

  private void same(PageBitmap other) {
    if (other.pages != pages) {
      throw new IllegalArgumentException("bitmaps of " + pages + " and " + other.pages + " pages");
    }
  }

  @Override
  public String toString() {
    return count() + " of " + pages + " pages";
  }
}
