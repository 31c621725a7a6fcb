package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BulkQueueTest {
  private static final int MAX = BulkQueue.BYTES_MAX;

  @Test
  void aSlowLineHasAShortQueue() {
    // 100 Mbit/s for two lanes: 4 ms of 6 MB/s.
    assertThat(BulkQueue.target(6e6, 300_000, MAX)).isBetween(20_000, 30_000);
    assertThat(BulkQueue.target(0, 300_000, MAX)).isEqualTo(16 << 10);
  }

  @Test
  void aFastLineIsKeptFull() {
    assertThat(BulkQueue.target(1e9, 50_000, MAX)).isEqualTo(MAX);
  }

  @Test
  void aQueueThatLimitsTheLineGrows() {
    double queue = 16 << 10;
    for (int step = 0; step < 8; step++) {
      // Throughput is one queue a round trip of 2 ms, at most a gigabit.
      double rate = Math.min(queue / 0.002, 125e6);
      queue = BulkQueue.target(rate, 2_000_000, MAX);
    }
    assertThat(queue / 0.002).isGreaterThan(125e6);
  }

  @Test
  void longDistancesAreTheKernelsBusiness() {
    assertThat(BulkQueue.target(1e6, 100_000_000, MAX)).isZero();
    assertThat(BulkQueue.target(1e6, 0, MAX)).isZero();
  }
}
