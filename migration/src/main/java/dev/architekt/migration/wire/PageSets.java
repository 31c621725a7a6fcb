package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.PageSet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sets of pages as runs of 64-bit words: u8 how many sets; for each u8 region, u32 words, and
 * tokens until so many words are there. A token is a u32: kind in the upper two bits, count in the
 * rest.
 */
final class PageSets {
  static final int ZEROS = 0;
  static final int ONES = 1;
  static final int LITERALS = 2;

  private static final int KIND_SHIFT = 30;
  private static final int COUNT_MASK = (1 << KIND_SHIFT) - 1;

  private PageSets() {}

  static void encode(List<PageSet> sets, BodyWriter to) {
    to.u8(sets.size());
    long total = 0;
    for (PageSet set : sets) {
      total += set.words().length;
      if (total > Wire.SET_WORDS_MAX) {
        throw new IllegalArgumentException(
            "page sets: expected at most " + Wire.SET_WORDS_MAX + " words, found " + total);
      }
      encode(set, to);
    }
  }

  private static void encode(PageSet set, BodyWriter to) {
    long[] words = set.words();
    to.u8(set.region()).u32(words.length);
    int from = 0;
    while (from < words.length) {
      int kind = kind(words[from]);
      int end = from + 1;
      while (end < words.length && kind(words[end]) == kind) {
        end++;
      }
      to.u32(kind << KIND_SHIFT | end - from);
      if (kind == LITERALS) {
        for (int i = from; i < end; i++) {
          to.i64(words[i]);
        }
      }
      from = end;
    }
  }

  private static int kind(long word) {
    return word == 0 ? ZEROS : word == -1 ? ONES : LITERALS;
  }

  static List<PageSet> decode(Fields from) throws ProtocolException {
    int count = from.u8("page sets");
    if (count > Bounds.REGIONS_MAX) {
      throw from.broken("page sets: expected at most " + Bounds.REGIONS_MAX + ", found " + count);
    }
    List<PageSet> sets = new ArrayList<>(count);
    int budget = Wire.SET_WORDS_MAX;
    for (int i = 0; i < count; i++) {
      int region = from.u8("page set's region");
      int size = from.count("page set's words", Math.min(PageSet.WORDS_MAX, budget));
      budget -= size;
      sets.add(new PageSet(region, words(size, from)));
    }
    return sets;
  }

  private static long[] words(int size, Fields from) throws ProtocolException {
    // Tokens can stand for far more than their own size, so the sum of all sets is bounded (above).
    long[] words = new long[size];
    int done = 0;
    while (done < size) {
      int token = from.word("page set's token");
      int run = token & COUNT_MASK;
      if (run == 0 || run > size - done) {
        throw from.broken(
            "page set's run: expected 1 to " + (size - done) + " words, found " + run);
      }
      switch (token >>> KIND_SHIFT) {
        case ZEROS -> {}
        case ONES -> Arrays.fill(words, done, done + run, -1L);
        case LITERALS -> {
          ByteBuffer literals = from.bytes("page set's words", Math.multiplyExact(run, 8));
          literals.asLongBuffer().get(words, done, run);
        }
        default -> throw from.broken("page set's token: expected kind 0 to 2, found 3");
      }
      done += run;
    }
    return words;
  }
}
