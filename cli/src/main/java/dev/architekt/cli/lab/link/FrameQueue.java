package dev.architekt.cli.lab.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Frames that are under way, oldest first, each with the time at which it arrives. All memory is
 * allocated at once. Not thread-safe.
 */
final class FrameQueue {
  /** The longest frame of an MTU of 1,500, with a VLAN tag, rounded up. */
  static final int FRAME_MAX = 1536;

  private final MemorySegment slots;
  private final int[] lengths;
  private final long[] due;
  private final int mask;
  private long head;
  private long tail;

  /** Room for {@code frames}, rounded up to a power of two. */
  FrameQueue(Arena arena, int frames) {
    int capacity = Integer.highestOneBit(Math.max(2, frames - 1)) << 1;
    mask = capacity - 1;
    lengths = new int[capacity];
    due = new long[capacity];
    slots = arena.allocate((long) capacity * FRAME_MAX, 64);
  }

  boolean isFull() {
    return tail - head > mask;
  }

  boolean isEmpty() {
    return tail == head;
  }

  /** Where the next frame's bytes go, before {@link #add}. */
  MemorySegment free() {
    return slot(tail);
  }

  /** The frame whose bytes are in {@link #free} is under way until {@code dueNanos}. */
  void add(int length, long dueNanos) {
    int index = (int) tail & mask;
    lengths[index] = length;
    due[index] = dueNanos;
    tail++;
  }

  /** When the oldest frame arrives. */
  long firstDue() {
    return due[(int) head & mask];
  }

  MemorySegment first() {
    return slot(head).asSlice(0, lengths[(int) head & mask]);
  }

  void removeFirst() {
    head++;
  }

  private MemorySegment slot(long number) {
    return slots.asSlice((number & mask) * FRAME_MAX, FRAME_MAX);
  }
}
