package dev.architekt.probe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Latency over time: the worst of each few milliseconds, in an array that is made once. A window
 * that outgrows it gets steps twice as long, so that its size is bounded whatever happens, and no
 * maximum is lost. Not thread-safe.
 */
final class LatencySeries {
  /** 20 s of the first step: a move and some calm. */
  static final int STEPS_MAX = 4096;

  static final long STEP_NANOS = 5_000_000;

  /** In a step of which no question was answered. */
  static final int NONE = -1;

  private final int[] maxMicros = new int[STEPS_MAX];
  private long began;
  private long step;
  private int used;

  LatencySeries() {
    Arrays.fill(maxMicros, NONE);
    step = STEP_NANOS;
  }

  /** Forgets everything; steps are counted from {@code now}. */
  void begin(long now) {
    began = now;
    step = STEP_NANOS;
    Arrays.fill(maxMicros, 0, used, NONE);
    used = 0;
  }

  /**
   * Counts for the step in which the question was asked, or the first if it was asked before.
   *
   * @param asked of {@link System#nanoTime}
   * @param latency of its answer, in ns
   */
  void add(long asked, long latency) {
    long after = Math.max(0, asked - began);
    while (after / step >= STEPS_MAX) {
      halve();
    }
    int at = (int) (after / step);
    used = Math.max(used, at + 1);
    maxMicros[at] = Math.max(maxMicros[at], (int) Math.min(Integer.MAX_VALUE, latency / 1000));
  }

  private void halve() {
    for (int i = 0; i < STEPS_MAX / 2; i++) {
      maxMicros[i] = Math.max(maxMicros[2 * i], maxMicros[2 * i + 1]);
    }
    Arrays.fill(maxMicros, STEPS_MAX / 2, STEPS_MAX, NONE);
    used = (used + 1) / 2;
    step *= 2;
  }

  Copy copy() {
    return new Copy(step, Arrays.copyOf(maxMicros, used));
  }

  /**
   * What it held at one instant.
   *
   * @param step in ns
   * @param maxMicros one a step; {@link #NONE} where nothing was answered
   */
  record Copy(long step, int... maxMicros) {
    List<Integer> micros() {
      return IntStream.of(maxMicros).boxed().toList();
    }
  }
}
