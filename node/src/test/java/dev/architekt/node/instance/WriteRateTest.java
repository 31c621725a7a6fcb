package dev.architekt.node.instance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WriteRateTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void itIsTheMeanOfTheLastMinute() {
    WriteRate rate = new WriteRate();
    assertThat(rate.at(0, 1000)).isZero();
    long count = 1000;
    for (int second = 1; second <= 120; second++) {
      count += 500;
      rate.at(second * SECOND, count);
    }
    assertThat(rate.at(121 * SECOND, count)).isEqualTo(500);
    for (int second = 121; second <= 200; second++) {
      rate.at(second * SECOND, count);
    }
    assertThat(rate.at(201 * SECOND, count)).as("nothing for more than a minute").isZero();
  }

  @Test
  void itChangesEveryFewSecondsOnly() {
    WriteRate rate = new WriteRate();
    rate.at(0, 0);
    assertThat(rate.at(SECOND, 1 << 20)).isZero();
    assertThat(rate.at(5 * SECOND, 5000)).isEqualTo(1000);
    assertThat(rate.at(6 * SECOND, 1 << 30)).isEqualTo(1000);
    rate.reset();
    assertThat(rate.at(7 * SECOND, 9)).isZero();
  }
}
