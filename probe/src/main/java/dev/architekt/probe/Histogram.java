package dev.architekt.probe;

/**
 * Counts durations in buckets that are at most 1/16 wide of what they hold; allocates nothing after
 * it is made. Written by one thread, read by others: a reading may miss the last few.
 */
final class Histogram {
  private static final int SUB_BITS = 4;
  private static final int SUB = 1 << SUB_BITS;

  private final long[] counts = new long[64 * SUB];
  private long total;
  private long max;

  void add(long nanos) {
    long value = Math.max(0, nanos);
    counts[bucket(value)]++;
    total++;
    if (value > max) {
      max = value;
    }
  }

  private static int bucket(long value) {
    if (value < SUB) {
      return (int) value;
    }
    int shift = 63 - Long.numberOfLeadingZeros(value) - SUB_BITS;
    return (shift + 1) * SUB + (int) ((value >>> shift) & (SUB - 1));
  }

  private static long upperEnd(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int shift = bucket / SUB - 1;
    return ((long) (SUB + bucket % SUB + 1) << shift) - 1;
  }

  long total() {
    return total;
  }

  long max() {
    return max;
  }

  /** Adds what the other holds. */
  void addAll(Histogram other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
    max = Math.max(max, other.max);
  }

  /**
   * Upper end of the bucket in which the quantile lies, never more than the largest value; 0 when
   * empty.
   */
  long quantile(double share) {
    long rank = Math.max(1, (long) Math.ceil(share * total));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return Math.min(upperEnd(i), max);
      }
    }
    return 0;
  }
}
