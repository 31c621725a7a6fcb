package dev.architekt.nbd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One request in hand: its header's fields and its buffer, used again by later requests. Belongs to
 * one thread at a time.
 */
final class Slot {
  /** Room before the payload for the longest header of a reply. */
  static final int HEAD = 64;

  private static final int KEPT = 256 << 10;

  int type;
  int flags;
  long cookie;
  long offset;
  long length;

  private final Arena arena;
  private MemorySegment kept;
  private Arena large;
  private MemorySegment buffer;

  /** The buffer that is kept comes from {@code arena}, at first use. */
  Slot(Arena arena) {
    this.arena = arena;
  }

  /**
   * A buffer with {@link #HEAD} bytes and then {@code payload} bytes, valid until {@link #reset}.
   */
  MemorySegment buffer(long payload) {
    reset();
    if (payload <= KEPT) {
      if (kept == null) {
        kept = arena.allocate(HEAD + KEPT, 4096);
      }
      buffer = kept;
    } else {
      large = Arena.ofShared();
      buffer = large.allocate(HEAD + payload, 4096);
    }
    return buffer;
  }

  /** The buffer of the last {@link #buffer}. */
  MemorySegment filled() {
    return buffer;
  }

  MemorySegment payload(long length) {
    return buffer.asSlice(HEAD, length);
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  long end() {
    return offset + length;
  }

  /** Gives back what a large request took. */
  void reset() {
    buffer = null;
    if (large != null) {
      large.close();
      large = null;
    }
  }
}
