package dev.architekt.migration.message;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A set of pages of one region. Bit {@code i % 64} of {@code words[i / 64]} is page {@code i};
 * words past the end are zero.
 *
 * @param region index in {@link Message.Description#regions()}
 * @param words the set; not copied, so the maker must not change it afterwards
 */
public record PageSet(int region, long[] words) {
  /** Most words of a set. */
  public static final int WORDS_MAX = Bounds.REGION_PAGES_MAX / 64;

  public PageSet {
    Bounds.inRange("region", region, 0, Bounds.REGIONS_MAX - 1);
    Bounds.inRange("words", words.length, 0, WORDS_MAX);
  }

  /** A set with a copy of the bits. */
  public static PageSet of(int region, BitSet pages) {
    return new PageSet(region, pages.toLongArray());
  }

  /** A copy of the bits. */
  public BitSet toBitSet() {
    return BitSet.valueOf(words);
  }

  /** How many pages are in the set. */
  public long cardinality() {
    long count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PageSet that
        && region == that.region
        && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return 31 * region + Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return "PageSet[region=" + region + ", pages=" + cardinality() + "]";
  }
}
