package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private final InFlight inFlight = new InFlight();

  @Test
  void confirmationsMayCutThroughAnExtent() {
    inFlight.sent(2, 0, 100, 10);
    inFlight.sent(2, 0, 300, 5);
    assertThat(inFlight.stored(2, 4)).isEqualTo(4);
    assertThat(inFlight.stored(2, 12)).isEqualTo(8);
    assertThat(inFlight.pages()).isEqualTo(3);
  }

  @Test
  void aLiarIsNoticed() {
    inFlight.sent(2, 0, 100, 10);
    assertThat(inFlight.stored(2, 11)).isEqualTo(-1);
    assertThat(new InFlight().stored(1, 1)).isEqualTo(-1);
  }

  @Test
  void whatIsNotConfirmedIsToldWhenTheLinkIsLost() {
    inFlight.sent(2, 0, 100, 10);
    inFlight.sent(3, 1, 7, 2);
    inFlight.stored(2, 10);
    List<Long> lost = new ArrayList<>();
    inFlight.lost((region, first, pages) -> lost.add(first));
    assertThat(lost).containsExactly(7L);
    assertThat(inFlight.pages()).isZero();
    assertThat(inFlight.sent()).isZero();
  }
}
