package dev.architekt.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.core.rules.SafetyRules;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulateTest {
  private static final long SEEDS = 3_000;

  @Test
  void wholeMigrationsUnderFaultsKeepEveryPromise() throws InterruptedException {
    Simulate.Summary summary = Simulate.run(1_000_000, SEEDS, 2, SafetyRules.ALL);
    assertThat(summary.failures()).isEmpty();
    assertThat(summary.coverage().empty()).as(summary.text()).isZero();
    assertThat(summary.messagesMedian()).isGreaterThanOrEqualTo(200);
    assertThat(summary.faultsMedian()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void aSeedReplaysEventByEvent() {
    assertThat(trace(7)).isEqualTo(trace(7)).isNotEqualTo(trace(8));
  }

  private static List<String> trace(long seed) {
    List<String> lines = new ArrayList<>();
    World.run(
        seed,
        SafetyRules.ALL,
        new Coverage(),
        line -> lines.add(line.replaceAll("@[0-9a-f]+", "")));
    return lines;
  }
}
