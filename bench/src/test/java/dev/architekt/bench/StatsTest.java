package dev.architekt.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class StatsTest {
  private static Stats oneTo(int n) {
    List<Double> figures =
        new ArrayList<>(IntStream.rangeClosed(1, n).mapToObj(i -> (double) i).toList());
    Collections.shuffle(figures, new Random(7));
    return Stats.of(figures);
  }

  @Test
  void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
    assertThat(oneTo(5).median()).isEqualTo(3);
    assertThat(oneTo(4).median()).isEqualTo(2.5);
    assertThat(Stats.of(List.of(9.0)).median()).isEqualTo(9);
    assertThat(Stats.of(List.of()).median()).isNaN();
  }

  @Test
  void the99thPercentileOfFewIsTheLargestAndOfManyIsNot() {
    assertThat(oneTo(20).p99()).isEqualTo(20);
    assertThat(oneTo(100).p99()).isEqualTo(99);
    assertThat(oneTo(101).p99()).isEqualTo(100);
    assertThat(oneTo(1000).p99()).isEqualTo(990);
    assertThat(oneTo(10).quantile(0.1)).isEqualTo(1);
    assertThat(oneTo(10).quantile(1)).isEqualTo(10);
  }

  /** The ranks that tables of the sign test give for 95 %. */
  @Test
  void theMediansIntervalHasTheRanksOfTheSignTest() {
    assertThat(oneTo(5).medianInterval().low()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(oneTo(6).medianInterval()).isEqualTo(new Stats.Interval(1, 6));
    assertThat(oneTo(9).medianInterval()).isEqualTo(new Stats.Interval(2, 8));
    assertThat(oneTo(15).medianInterval()).isEqualTo(new Stats.Interval(4, 12));
    assertThat(oneTo(20).medianInterval()).isEqualTo(new Stats.Interval(6, 15));
    assertThat(oneTo(100).medianInterval()).isEqualTo(new Stats.Interval(40, 61));
  }

  @Test
  void theIntervalHoldsTheMedianAsOftenAsItPromises() {
    Random random = new Random(4711);
    int rounds = 2_000;
    int held = 0;
    for (int round = 0; round < rounds; round++) {
      List<Double> figures = random.doubles(15).boxed().toList();
      Stats.Interval interval = Stats.of(figures).medianInterval();
      held += interval.low() <= 0.5 && 0.5 <= interval.high() ? 1 : 0;
    }
    assertThat(held / (double) rounds).isBetween(0.95, 0.98);
  }

  @Test
  void whatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> Stats.of(List.of(1.0, Double.NaN)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
