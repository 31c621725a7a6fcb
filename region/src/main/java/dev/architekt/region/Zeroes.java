package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Zeroes, for regions that can only write. */
final class Zeroes {
  static final long PIECE = 64 * 1024;
  static final MemorySegment BYTES = Arena.global().allocate(PIECE).asReadOnly();

  private Zeroes() {}

  static void write(Region region, long offset, long length) throws IOException {
    for (long done = 0; done < length; done += PIECE) {
      region.write(offset + done, BYTES.asSlice(0, Math.min(PIECE, length - done)));
    }
  }
}
