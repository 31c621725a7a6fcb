package dev.architekt.cli.demo.record;

import java.util.Locale;
import java.util.Optional;

/** A whole hop: its phases, the client's latency, and bytes on the wire, over one axis of time. */
final class HopChart {
  private static final double STRIP = 22;
  private static final double LATENCY = 150;
  private static final double BYTES = 84;
  private static final int HEIGHT = 390;
  private static final double LEFT = 44;
  private static final double HOLE_MS = 50;
  private static final double LATENCY_MIN_MS = 0.1;

  private final Timeline hop;
  private final Chart chart;

  private HopChart(Timeline hop, Chart chart) {
    this.hop = hop;
    this.chart = chart;
  }

  static void draw(Markup out, Timeline hop, int width) {
    String id = "hop" + hop.number() + (width == Chart.WIDE ? "w" : "n");
    Chart chart =
        Chart.begin(
            out,
            id,
            width,
            HEIGHT,
            LEFT,
            new Span(0, hop.end()),
            "Hop " + hop.number() + ", from the command to the last page",
            summary(hop));
    HopChart picture = new HopChart(hop, chart);
    picture.phases();
    picture.latency();
    picture.bytes();
    chart.axis(
        chart.wide()
            ? "seconds after the peer on " + hop.to() + " was started"
            : "seconds after the peer's start",
        1000);
    chart.end();
  }

  private static String summary(Timeline hop) {
    StringBuilder text = new StringBuilder("Phases:");
    for (Phase phase : hop.phases()) {
      text.append(
          String.format(Locale.ROOT, " %s for %.0f ms;", phase.label(), phase.span().length()));
    }
    text.append(
        String.format(Locale.ROOT, " the client's worst latency was %.1f ms", hop.latency().max()));
    hop.gap()
        .ifPresent(
            gap -> text.append(String.format(Locale.ROOT, ", its gap %.1f ms", gap.length())));
    return text.append('.').toString();
  }

  private void phases() {
    chart.heading("phase");
    double top = chart.y();
    for (Phase phase : hop.phases()) {
      Span span = phase.span();
      String title =
          String.format(
              Locale.ROOT,
              "%s: %.1f ms, from %.1f to %.1f",
              phase.label(),
              span.length(),
              span.from(),
              span.to());
      chart.box(span, top, STRIP, "phase " + phase.kind().style(), title);
      double from = chart.time().place(span.from());
      double room = chart.time().place(span.to()) - from - 6;
      for (String text : new String[] {phase.label(), phase.brief()}) {
        if (text.length() * Chart.LETTER <= room) {
          chart.text(text, from + room / 2 + 3, top + 15, "inside middle");
          break;
        }
      }
    }
    chart.skip(STRIP + 8);
  }

  private void latency() {
    chart.heading("client's latency, ms, by when it asked (logarithmic)");
    chart.skip(12);
    double top = chart.y();
    double worst = Math.max(hop.latency().max(), hop.gap().map(Span::length).orElse(0.0));
    Scale scale = Scale.decades(LATENCY_MIN_MS, worst, top + LATENCY, top);
    chart.grid(scale, 0);
    Optional<Span> gap = hop.gap();
    if (gap.isPresent()) {
      String text = String.format(Locale.ROOT, "gap %.1f ms", gap.get().length());
      chart.box(gap.get(), top, LATENCY, "gap", text);
      double middle = chart.time().place((gap.get().from() + gap.get().to()) / 2);
      chart.textInside(text, middle, top - 3, Chart.BOLD);
    }
    chart.line(hop.latency(), scale, HOLE_MS, "latency", "latency, ms");
    chart.skip(LATENCY + 18);
  }

  private void bytes() {
    chart.heading("on " + hop.to() + "'s wire since the start, both ways, MB");
    chart.skip(6);
    double top = chart.y();
    Curve megabytes =
        new Curve(
            hop.bytes().points().stream()
                .map(p -> new Curve.Point(p.at(), p.value() / 1e6))
                .toList());
    Scale scale = Scale.linear(0, megabytes.max() * 1.05, top + BYTES, top);
    chart.grid(scale, 5);
    hop.pause().ifPresent(pause -> chart.box(pause, top, BYTES, "pause-band", "pause"));
    chart.area(megabytes, scale, "bytes-area");
    chart.line(megabytes, scale, Double.MAX_VALUE, "bytes", "on the wire, MB");
    chart.skip(BYTES);
  }
}
