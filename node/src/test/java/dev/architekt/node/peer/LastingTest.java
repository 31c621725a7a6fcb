package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.node.peer.Lasting.Tell;
import org.junit.jupiter.api.Test;

final class LastingTest {
  private final Lasting state = new Lasting(100);

  @Test
  void aPassingStateIsNeverTold() {
    assertThat(state.at(true, false, 0)).isEqualTo(Tell.NOTHING);
    assertThat(state.at(true, false, 99)).isEqualTo(Tell.NOTHING);
    assertThat(state.at(false, false, 100)).isEqualTo(Tell.NOTHING);
    assertThat(state.at(true, false, 150)).isEqualTo(Tell.NOTHING);
    assertThat(state.at(true, false, 249)).isEqualTo(Tell.NOTHING);
  }

  @Test
  void aLastingOneIsToldOnceAndItsEndToo() {
    state.at(true, false, 0);
    assertThat(state.at(true, false, 100)).isEqualTo(Tell.BEGAN);
    assertThat(state.at(true, false, 300)).isEqualTo(Tell.NOTHING);
    assertThat(state.at(false, false, 301)).isEqualTo(Tell.ENDED);
    assertThat(state.at(false, false, 302)).isEqualTo(Tell.NOTHING);
  }

  @Test
  void anUrgentOneIsToldAtOnce() {
    assertThat(state.at(false, true, 0)).isEqualTo(Tell.NOTHING);
    assertThat(state.at(true, true, 1)).isEqualTo(Tell.BEGAN);
  }
}
