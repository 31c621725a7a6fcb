package dev.architekt.testkit;

import java.util.List;
import java.util.SplittableRandom;

/** All chance of one run, from one seed. */
public final class Dice {
  private final SplittableRandom random;

  public Dice(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** From {@code least} to {@code most}, both possible. */
  public long between(long least, long most) {
    return random.nextLong(least, most + 1);
  }

  /** From 0 to {@code bound - 1}. */
  public int below(int bound) {
    return random.nextInt(bound);
  }

  /** True in {@code percent} of 100 throws. */
  public boolean percent(double percent) {
    return random.nextDouble() * 100 < percent;
  }

  /** One of them. */
  public <T> T of(List<T> things) {
    return things.get(below(things.size()));
  }
}
