package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.message.Strategy;
import org.junit.jupiter.api.Test;

class SwitchDecisionTest {
  private static final long MS = 1_000_000;
  private static final long FAST = 100_000_000;
  private final SwitchDecision auto = new SwitchDecision(Strategy.AUTO, 100 * MS, 30 * MS);

  @Test
  void switchesWhenTheLastStepFitsTheTargetAndCannotBeMadeShorter() {
    // 70 ms are left for pages; at 100 MB/s that is 1,708 pages.
    assertThat(auto.decide(2, 1_700, 2_000, 0, FAST, true))
        .hasValueSatisfying(r -> assertThat(r.kind()).isEqualTo(SwitchReason.Kind.FITS));
    assertThat(auto.decide(2, 1_700, 4_000, 0, FAST, true)).isEmpty();
    assertThat(auto.decide(2, 1_800, 2_000, 0, FAST, true))
        .hasValueSatisfying(
            r -> assertThat(r.kind()).isEqualTo(SwitchReason.Kind.ROUNDS_STOPPED_HELPING));
  }

  @Test
  void switchesAtOnceWhenTheLastStepIsShort() {
    assertThat(auto.decide(1, 70, Long.MAX_VALUE, 0, FAST, true))
        .hasValueSatisfying(r -> assertThat(r.kind()).isEqualTo(SwitchReason.Kind.FITS));
  }

  @Test
  void goesOnWhileRoundsHelpAndStopsWhenTheyDoNot() {
    assertThat(auto.decide(2, 5_000, 10_000, 0, FAST, true)).isEmpty();
    assertThat(auto.decide(2, 9_000, 10_000, 0, FAST, true))
        .hasValueSatisfying(
            r -> assertThat(r.kind()).isEqualTo(SwitchReason.Kind.ROUNDS_STOPPED_HELPING));
  }

  @Test
  void aGuestThatOutrunsTheLineIsNotChasedFurther() {
    // 40 MB left at 10 MB/s never fit; 2,500 pages a second are 10.2 MB/s.
    assertThat(auto.decide(1, 10_000, Long.MAX_VALUE, 2_500, 10_000_000, true))
        .hasValueSatisfying(r -> {
          assertThat(r.kind()).isEqualTo(SwitchReason.Kind.OUTRUN);
          assertThat(r.text()).contains("10.2 MB/s) dirtied", "10.0 MB/s carried", "afterwards");
        });
    assertThat(auto.decide(1, 10_000, Long.MAX_VALUE, 2_400, 10_000_000, true)).isEmpty();
    assertThat(auto.decide(1, 10_000, Long.MAX_VALUE, 2_500, 10_000_000, false))
        .as("a rate that was assumed")
        .isEmpty();
    // Nothing is left behind where that was asked for: each round may still leave less.
    SwitchDecision whole = new SwitchDecision(Strategy.PRE_COPY, 100 * MS, 30 * MS);
    assertThat(whole.decide(1, 10_000, Long.MAX_VALUE, 2_500, 10_000_000, true)).isEmpty();
  }

  @Test
  void neverCopiesForEver() {
    assertThat(auto.decide(SwitchDecision.ROUNDS_MAX, 5_000, 10_000, 0, FAST, true))
        .hasValueSatisfying(r -> assertThat(r.kind()).isEqualTo(SwitchReason.Kind.ROUND_LIMIT));
  }

  @Test
  void postCopySwitchesAtOnceAndSendsNothingWhilePaused() {
    SwitchDecision post = new SwitchDecision(Strategy.POST_COPY, 100 * MS, 30 * MS);
    assertThat(post.decide(0, 1 << 20, 0, 0, FAST, true)).isPresent();
    assertThat(post.budgetPages(FAST)).isZero();
  }

  @Test
  void preCopyLeavesNothingBehind() {
    assertThat(new SwitchDecision(Strategy.PRE_COPY, 100 * MS, 30 * MS).budgetPages(1))
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theReasonNamesItsNumbers() {
    String text = auto.decide(3, 1_000, 1_100, 5_400, FAST, true).orElseThrow().text();
    assertThat(text).contains("3 rounds", "1000 pages", "5400 pages/s", "100.0 MB/s", "71.0 ms");
  }
}
