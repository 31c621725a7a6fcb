package dev.architekt.node.instance;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bytes a second over the last minute, of a count that only grows. Its value changes every few
 * seconds only. For one thread.
 */
final class WriteRate {
  private static final long STEP_NANOS = 5_000_000_000L;
  private static final int STEPS = 12;

  private record Sample(long at, long count) {}

  private final Deque<Sample> samples = new ArrayDeque<>();
  private long rate;

  /** Begins anew. */
  void reset() {
    samples.clear();
    rate = 0;
  }

  /** Takes the count as it is at {@code now}, in nanoseconds; the rate. */
  long at(long now, long count) {
    if (samples.isEmpty()) {
      samples.add(new Sample(now, count));
      return rate;
    }
    if (now - samples.getLast().at() < STEP_NANOS) {
      return rate;
    }
    samples.add(new Sample(now, count));
    if (samples.size() > STEPS + 1) {
      samples.removeFirst();
    }
    Sample first = samples.getFirst();
    rate = Math.round((count - first.count()) * 1e9 / (now - first.at()));
    return rate;
  }
}
