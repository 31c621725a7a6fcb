package dev.architekt.probe;

import java.nio.ByteBuffer;

/**
 * The value of a write follows from seed, key and sequence number alone, so that a journal need not
 * keep it and a reader can tell from the value which write it was. All bytes after the first 8,
 * which hold the number, come from a generator that no compressor sees through.
 */
final class Values {
  static final int SIZE_MIN = 16;
  static final int SIZE_MAX = 1 << 20;

  private Values() {}

  static void put(ByteBuffer target, long seed, int key, long sequence, int size) {
    target.putLong(sequence);
    long state = start(seed, key, sequence);
    int left = size - Long.BYTES;
    while (left >= Long.BYTES) {
      state += GOLDEN;
      target.putLong(mix(state));
      left -= Long.BYTES;
    }
    long last = mix(state + GOLDEN);
    for (; left > 0; left--) {
      target.put((byte) last);
      last >>>= 8;
    }
  }

  /**
   * The sequence number in the value, or -1 when the rest of the value is not what belongs to it.
   */
  static long sequenceOf(byte[] value, long seed, int key, int size) {
    if (value.length != size) {
      return -1;
    }
    long sequence = ByteBuffer.wrap(value).getLong();
    ByteBuffer expected = ByteBuffer.allocate(size);
    put(expected, seed, key, sequence, size);
    return java.util.Arrays.equals(value, expected.array()) ? sequence : -1;
  }

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private static long start(long seed, int key, long sequence) {
    return mix(seed ^ mix(key * 0xD1B54A32D192ED03L + sequence));
  }

  /** SplitMix64's finaliser. */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
