package dev.architekt.cli.demo.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What several processes tell stands on one axis of time. */
class TimelineTest {
  private static final Offset<Double> CLOSE = within(1e-6);

  private final SampleHop hop = new SampleHop();

  @Test
  void phasesFollowEachOtherWithoutHoles() {
    List<Phase> phases = hop.timeline().phases();
    assertThat(phases)
        .extracting(Phase::label)
        .containsExactly(
            "start of the process",
            "prepare",
            "copy round 1",
            "copy round 2",
            "copy round 3",
            "switch-over",
            "pause",
            "post-copy");
    assertThat(phases.getFirst().span().from()).isZero();
    for (int i = 1; i < phases.size(); i++) {
      double before = phases.get(i - 1).span().to();
      assertThat(phases.get(i).span().from()).as(phases.get(i).label()).isEqualTo(before, CLOSE);
    }
    assertThat(phases.get(2).span()).isEqualTo(new Span(900, 1_800)); // prepared, second round
    assertThat(phases.get(5).span()).isEqualTo(new Span(2_450, 2_500)); // a round within it is none
    assertThat(phases.getLast().span()).isEqualTo(new Span(2_526, 3_000));
  }

  @Test
  void theGapAndThePauseStandWhereTheyWere() {
    Timeline timeline = hop.timeline();
    assertThat(timeline.gap()).contains(new Span(2_490, 2_620));
    assertThat(timeline.pause()).contains(new Span(2_500, 2_526));
    assertThat(timeline.end()).isEqualTo(3_500);
    assertThat(timeline.latency().max()).isEqualTo(130);
    assertThat(timeline.latency().points()).hasSize(1199); // what was not answered is left out
    assertThat(timeline.latency().points().getFirst()).isEqualTo(new Curve.Point(-7.5, 0.4));
  }

  @Test
  void partsOfThePauseLieInIt() {
    Timeline timeline = hop.timeline();
    assertThat(timeline.parts())
        .extracting(Part::what)
        .contains("stop", "collect dirty pages", "load device state", "let it run")
        .doesNotContain("wait for the grant", "store earlier pages"); // took no time
    for (Part part : timeline.parts()) {
      assertThat(part.span().from()).as(part.label()).isGreaterThanOrEqualTo(2_500);
      assertThat(part.span().to()).as(part.label()).isLessThanOrEqualTo(2_526 + 1e-6);
    }
    assertThat(timeline.parts().getLast().span().to()).isEqualTo(2_526, CLOSE);
  }

  @Test
  void postCopyHasNoRounds() {
    hop.report.put("switchOverMs", 600.0).put("runningMs", 700.0);
    hop.report.putArray("roundsBeganMs").add(750.0);
    assertThat(hop.timeline().phases())
        .extracting(Phase::kind)
        .doesNotContain(Phase.Kind.COPY)
        .contains(Phase.Kind.SWITCH, Phase.Kind.POST_COPY);
  }

  @Test
  void whatIsNotKnownIsNotDrawn() {
    hop.report.putNull("pauseMs").putNull("preparedMs");
    hop.window.remove("gapBeganMonotonicMs");
    hop.window.remove("seriesMaxMicros");
    Timeline timeline = hop.timeline();
    assertThat(timeline.phases()).isEmpty();
    assertThat(timeline.pause()).isEmpty();
    assertThat(timeline.gap()).isEmpty();
    assertThat(timeline.parts()).isEmpty();
    assertThat(timeline.figure("pause, ms")).isEqualTo("unknown");
    assertThat(Page.html(PageTest.SUMMARY, List.of(timeline), 0)).contains("phases are not known");
  }

  @Test
  void axesHaveRoundFigures() {
    assertThat(Scale.linear(0, 3_480, 0, 100).ticks(5))
        .containsExactly(0.0, 1_000.0, 2_000.0, 3_000.0);
    assertThat(Scale.linear(2_413.7, 2_640, 0, 100).ticks(5))
        .containsExactly(2_450.0, 2_500.0, 2_550.0, 2_600.0);
    Scale decades = Scale.decades(0.1, 130, 150, 0);
    assertThat(decades.ticks(0)).hasSize(5);
    assertThat(decades.place(0.01)).isEqualTo(150);
    assertThat(decades.place(10)).isEqualTo(75, CLOSE);
    assertThat(List.of(Scale.label(0.1), Scale.label(100), Scale.label(0), Scale.label(2.5)))
        .containsExactly("0.1", "100", "0", "2.5");
  }
}
