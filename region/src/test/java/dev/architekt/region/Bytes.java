package dev.architekt.region;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Segments for tests. */
final class Bytes {
  private Bytes() {}

  static MemorySegment of(byte[] bytes) {
    MemorySegment segment =
        Arena.ofAuto().allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment;
  }

  static MemorySegment random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return of(bytes);
  }

  static MemorySegment filled(int value, long length) {
    return Arena.ofAuto().allocate(length).fill((byte) value);
  }

  static byte[] read(Region region, long offset, int length) throws java.io.IOException {
    MemorySegment target = Arena.ofAuto().allocate(Math.max(1, length)).asSlice(0, length);
    region.read(offset, target);
    return target.toArray(ValueLayout.JAVA_BYTE);
  }
}
