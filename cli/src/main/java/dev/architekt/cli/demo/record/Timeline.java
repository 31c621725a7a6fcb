package dev.architekt.cli.demo.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One hop, as it is drawn. Times are milliseconds after the demo started the destination's command.
 *
 * @param phases in order, without holes, as far as they are known
 * @param gap in which the client got no answer
 * @param pause from stop at the source to cont at the destination
 * @param parts of the pause
 * @param latency of the client, in ms, each at the time of its question
 * @param bytes on the destination's wire since the beginning
 * @param said by the roles
 * @param figures for the table
 * @param reason why it switched over when it did; may be empty
 */
record Timeline(
    int number,
    String from,
    String to,
    List<Phase> phases,
    Optional<Span> gap,
    Optional<Span> pause,
    List<Part> parts,
    Curve latency,
    Curve bytes,
    List<Said> said,
    List<Figure> figures,
    String reason) {
  /** Calm that is shown after a hop. */
  private static final double CALM_MS = 500;

  /**
   * What a hop has left to be drawn from.
   *
   * @param originMs of CLOCK_MONOTONIC: the hop's beginning, in milliseconds
   * @param window the gap probe's, with its series
   * @param report the destination's
   * @param bytes samples of its wire
   */
  record Material(
      int number,
      String from,
      String to,
      double originMs,
      JsonNode window,
      JsonNode report,
      Curve bytes,
      List<Said> said,
      double idleGapMs,
      long bytesOnWire) {}

  Timeline {
    phases = List.copyOf(phases);
    parts = List.copyOf(parts);
    said = List.copyOf(said);
    figures = List.copyOf(figures);
  }

  static Timeline of(Material hop) {
    Optional<Span> pause = pause(hop);
    return new Timeline(
        hop.number(),
        hop.from(),
        hop.to(),
        phases(hop, pause),
        gap(hop),
        pause,
        pause.map(span -> PauseParts.of(hop.report().path("pauseParts"), span)).orElse(List.of()),
        latency(hop),
        hop.bytes(),
        hop.said(),
        Figure.of(hop),
        hop.report().path("switchReason").asText());
  }

  /** The value of the figure of that name. */
  String figure(String name) {
    return figures.stream()
        .filter(figure -> figure.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value();
  }

  /** The end of what is drawn. */
  double end() {
    double end = phases.isEmpty() ? 0 : phases.getLast().span().to();
    double gapEnd = gap.map(Span::to).orElse(0.0);
    return Math.max(end, gapEnd) + CALM_MS;
  }

  private static Optional<Double> known(JsonNode object, String field) {
    JsonNode value = object.path(field);
    return value.isNumber() ? Optional.of(value.asDouble()) : Optional.empty();
  }

  /** A milestone of the destination's report, which counts from when that process began. */
  private static Optional<Double> milestone(Material hop, String field) {
    return known(hop.report(), "beganMonotonicMs")
        .flatMap(began -> known(hop.report(), field).map(after -> began + after - hop.originMs()));
  }

  private static Optional<Span> pause(Material hop) {
    return milestone(hop, "runningMs")
        .flatMap(ran -> known(hop.report(), "pauseMs").map(pause -> new Span(ran - pause, ran)));
  }

  private static Optional<Span> gap(Material hop) {
    return known(hop.window(), "gapBeganMonotonicMs")
        .map(began -> began - hop.originMs())
        .map(began -> new Span(began, began + hop.window().path("gapMs").asDouble()));
  }

  private static List<Phase> phases(Material hop, Optional<Span> pause) {
    List<Phase> phases = new ArrayList<>();
    Optional<Double> began = known(hop.report(), "beganMonotonicMs").map(b -> b - hop.originMs());
    Optional<Double> prepared = milestone(hop, "preparedMs");
    Optional<Double> whole = milestone(hop, "totalMs");
    if (began.isEmpty() || prepared.isEmpty() || pause.isEmpty() || whole.isEmpty()) {
      return phases; // a process was started again in the middle: half a picture would mislead
    }
    double stopped = pause.get().from();
    double switched = Math.min(stopped, milestone(hop, "switchOverMs").orElse(stopped));
    add(phases, Phase.Kind.START, "start of the process", "start", 0, began.get());
    add(phases, Phase.Kind.PREPARE, "prepare", "prepare", began.get(), prepared.get());
    copying(hop, phases, prepared.get(), switched);
    add(phases, Phase.Kind.SWITCH, "switch-over", "switch", switched, stopped);
    add(phases, Phase.Kind.PAUSE, "pause", "pause", stopped, pause.get().to());
    add(phases, Phase.Kind.POST_COPY, "post-copy", "post", pause.get().to(), whole.get());
    return phases;
  }

  /** The rounds that began before the switch-over; the first one as soon as all is prepared. */
  private static void copying(Material hop, List<Phase> phases, double prepared, double end) {
    List<Double> begins = new ArrayList<>(List.of(prepared));
    double began = hop.report().path("beganMonotonicMs").asDouble() - hop.originMs();
    JsonNode rounds = hop.report().path("roundsBeganMs");
    for (int i = 1; i < rounds.size(); i++) {
      double at = began + rounds.get(i).asDouble();
      if (at < end) {
        begins.add(at);
      }
    }
    if (end <= prepared) {
      return; // none: post-copy only
    }
    for (int i = 0; i < begins.size(); i++) {
      double to = i + 1 < begins.size() ? begins.get(i + 1) : end;
      String number = Integer.toString(i + 1);
      add(phases, Phase.Kind.COPY, "copy round " + number, number, begins.get(i), to);
    }
  }

  private static void add(
      List<Phase> phases, Phase.Kind kind, String label, String brief, double from, double to) {
    phases.add(new Phase(kind, label, brief, new Span(from, to)));
  }

  private static Curve latency(Material hop) {
    double began = hop.window().path("beganMonotonicMs").asDouble() - hop.originMs();
    double step = hop.window().path("seriesStepMs").asDouble();
    List<Curve.Point> points = new ArrayList<>();
    int i = 0;
    for (JsonNode micros : hop.window().path("seriesMaxMicros")) {
      if (micros.asInt() >= 0) {
        points.add(new Curve.Point(began + (i + 0.5) * step, micros.asInt() / 1e3));
      }
      i++;
    }
    return new Curve(points);
  }
}
