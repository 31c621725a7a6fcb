package dev.architekt.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Latency over time stays small and loses no maximum. */
class LatencySeriesTest {
  private static final long MS = 1_000_000;
  private static final long S = 1000 * MS;

  @Test
  void eachStepKeepsItsWorst() {
    var series = new LatencySeries();
    series.begin(1_000 * MS);
    series.add(1_001 * MS, 2 * MS);
    series.add(1_004 * MS, 7 * MS);
    series.add(1_003 * MS, 1 * MS);
    series.add(1_016 * MS, 3 * MS);
    assertThat(series.copy().step()).isEqualTo(5 * MS);
    assertThat(series.copy().micros()).containsExactly(7_000, -1, -1, 3_000);
  }

  @Test
  void aLongWindowGetsLongerStepsAndKeepsItsMaxima() {
    var series = new LatencySeries();
    series.begin(0);
    for (long at = 0; at < 100_000; at += 5) {
      series.add(at * MS, at == 31_415 ? 400 * MS : MS);
    }
    var copy = series.copy();
    assertThat(copy.micros()).hasSizeLessThanOrEqualTo(LatencySeries.STEPS_MAX);
    assertThat(copy.step()).isEqualTo(40 * MS);
    assertThat(Collections.max(copy.micros())).isEqualTo(400_000);
    assertThat(copy.micros().indexOf(400_000)).isEqualTo(31_415 / 40);
    assertThat(copy.micros()).doesNotContain(LatencySeries.NONE);
  }

  @Test
  void anotherWindowKnowsNothingOfTheOneBefore() {
    var series = new LatencySeries();
    series.begin(0);
    series.add(500 * MS, 9 * MS);
    series.begin(1_000 * MS);
    assertThat(series.copy().micros()).isEmpty();
    series.add(900 * MS, 200 * MS); // asked before, answered now
    series.add(1_012 * MS, MS);
    assertThat(series.copy().micros()).containsExactly(200_000, -1, 1_000);
  }

  @Test
  void theWindowSaysWhereItsGapWas() throws Exception {
    var meter = new Meter();
    meter.begin();
    long began = System.nanoTime(); // seconds: what the test's own machine loses is no part of it
    meter.answered(0, began + 10 * S);
    meter.answered(began + 12 * S, began + 52 * S);
    meter.answered(began + 51 * S, began + 53 * S);
    WindowReport window = meter.mark("next");
    assertThat(window.gap()).isEqualTo(42 * S);
    assertThat(window.gapBegan()).isEqualTo(began + 10 * S);
    Map<String, Object> json = window.toJsonWithSeries();
    assertThat((double) json.get("gapBeganMonotonicMs")).isEqualTo((began + 10 * S) / 1e6);
    assertThat(json).containsKeys("beganMonotonicMs", "seriesStepMs", "gapMs", "label");
    assertThat(json.get("seriesMaxMicros").toString()).contains("40000000");
    assertThat(window.toJson()).doesNotContainKey("seriesMaxMicros");
  }
}
