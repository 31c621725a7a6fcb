package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BulkQueueTest {
  private static final int MAX = BulkQueue.BYTES_MAX;

  @Test
  void aSlowLineHasAShortQueue() {
    // 100 Mbit/s for two lanes, 1 Gbit/s for one.
    assertThat(BulkQueue.target(6e6, 300_000, MAX)).isEqualTo(128 << 10);
    assertThat(BulkQueue.target(120e6, 300_000, MAX)).isBetween(500_000, 600_000);
  }

  @Test
  void aFastLineIsKeptFull() {
    assertThat(BulkQueue.target(1e9, 50_000, MAX)).isEqualTo(MAX);
  }

  @Test
  void aQueueThatLimitsTheLineGrows() {
    double queue = 128 << 10;
    for (int step = 0; step < 8; step++) {
      // Throughput is one queue a round trip of 5 ms, at most a gigabit.
      double rate = Math.min(queue / 0.005, 125e6);
      queue = BulkQueue.target(rate, 5_000_000, MAX);
    }
    assertThat(queue / 0.005).isGreaterThan(125e6);
  }

  @Test
  void longDistancesAreTheKernelsBusiness() {
    assertThat(BulkQueue.target(1e6, 100_000_000, MAX)).isZero();
    assertThat(BulkQueue.target(1e6, 0, MAX)).isZero();
  }
}
