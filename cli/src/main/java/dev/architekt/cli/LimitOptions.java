package dev.architekt.cli;

import dev.architekt.node.state.ProcessLimits;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** What a VM may use of its host. */
final class LimitOptions {
  private static final int THREADS_MIN = 16;
  private static final int THREADS_MAX = 1 << 20;
  private static final double CPUS_MIN = 0.01;
  private static final double CPUS_MAX = 1024;

  @Option(
      names = "--cgroup-cpus",
      paramLabel = "N",
      description =
          "Put the VM's process into a control group with at most this much processor time, such as 1.5"
              + " processors.")
  Optional<Double> cpus = Optional.empty();

  @Option(
      names = "--cgroup-threads",
      paramLabel = "N",
      description = "The same for the number of its threads; QEMU needs some ten.")
  Optional<Integer> threads = Optional.empty();

  void check(Checks check) {
    if (cpus.isPresent()) {
      check.that(
          cpus.get() >= CPUS_MIN && cpus.get() <= CPUS_MAX,
          "--cgroup-cpus " + cpus.get() + ": expected 0.01 to 1024 processors");
    }
    if (threads.isPresent()) {
      check.between("--cgroup-threads", threads.get(), THREADS_MIN, THREADS_MAX);
    }
  }

  ProcessLimits chosen() {
    return new ProcessLimits(
        cpus.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
        threads.map(OptionalInt::of).orElseGet(OptionalInt::empty));
  }
}
