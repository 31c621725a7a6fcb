package dev.architekt.node.state;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a VM's process may use at most.
 *
 * @param cpus processors, such as 1.5
 * @param threads of the process
 */
public record ProcessLimits(OptionalDouble cpus, OptionalInt threads) {
  /** No limits, and no control group. */
  public static final ProcessLimits NONE =
      new ProcessLimits(OptionalDouble.empty(), OptionalInt.empty());

  /** Whether there is any. */
  public boolean any() {
    return cpus.isPresent() || threads.isPresent();
  }
}
