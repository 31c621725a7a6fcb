package dev.architekt.cli.demo.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A few hundred milliseconds around the pause: what the client saw, and who did what. */
final class PauseChart {
  private static final double LATENCY = 110;
  private static final double ROW = 19;
  private static final double BAR = 13;
  private static final double LEFT_WIDE = 216;
  private static final double LEFT_NARROW = 138;
  private static final double MARGIN = 0.2;

  private record Row(String label, String style, Span span) {}

  private PauseChart() {}

  /** Draws it, if pause and gap are known. */
  static void draw(Markup out, Timeline hop, int width) {
    if (hop.pause().isEmpty() || hop.gap().isEmpty()) {
      return;
    }
    boolean wide = width == Chart.WIDE;
    Span gap = hop.gap().get();
    Span pause = hop.pause().get();
    Span shown = around(gap, pause);
    List<Row> rows = rows(hop, gap, pause, shown, wide);
    double left = wide ? LEFT_WIDE : LEFT_NARROW;
    Chart chart =
        Chart.begin(
            out,
            "pause" + hop.number() + (wide ? "w" : "n"),
            width,
            (int) Math.ceil(LATENCY + rows.size() * ROW + 80),
            left,
            shown,
            "Hop " + hop.number() + ", around the pause",
            summary(gap, pause, hop.parts()));
    latency(chart, hop, gap);
    gantt(chart, rows, pause);
    chart.axis(wide ? "milliseconds after the peer's start" : "ms after the peer's start", 1);
    chart.end();
  }

  /** Both, with some of the time before and after. */
  private static Span around(Span gap, Span pause) {
    double from = pause.from();
    double to = pause.to();
    // A gap elsewhere is marked in the chart of the whole hop; here it would shrink the pause.
    if (gap.to() > from - 500 && gap.from() < to + 500) {
      from = Math.min(from, gap.from());
      to = Math.max(to, gap.to());
    }
    double margin = Math.max(20, (to - from) * MARGIN);
    return new Span(from - margin, to + margin);
  }

  private static String summary(Span gap, Span pause, List<Part> parts) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "The hosts paused the guest for %.1f ms; the client had no answer for %.1f ms.",
                pause.length(),
                gap.length()));
    for (Part part : parts) {
      text.append(String.format(Locale.ROOT, " %s, %.1f ms;", part.label(), part.span().length()));
    }
    return text.toString();
  }

  private static List<Row> rows(Timeline hop, Span gap, Span pause, Span shown, boolean wide) {
    List<Row> rows = new ArrayList<>();
    if (gap.to() > shown.from() && gap.from() < shown.to()) {
      rows.add(new Row(wide ? "client: no answer (gap)" : "client: gap", "gap-bar", gap));
    }
    rows.add(new Row(wide ? "hosts: nobody runs (pause)" : "hosts: pause", "phase pause", pause));
    for (Part part : hop.parts()) {
      rows.add(new Row(wide ? part.label() : part.what(), "part " + part.where(), part.span()));
    }
    return rows;
  }

  private static void latency(Chart chart, Timeline hop, Span gap) {
    chart.heading("client's latency, ms, by when it asked");
    chart.skip(8);
    double top = chart.y();
    Span shown = new Span(chart.time().from(), chart.time().to());
    double worst =
        hop.latency().points().stream()
            .filter(p -> p.at() >= shown.from() && p.at() <= shown.to())
            .mapToDouble(Curve.Point::value)
            .max()
            .orElse(1);
    Scale scale = Scale.linear(0, worst * 1.05, top + LATENCY, top);
    chart.grid(scale, 4);
    if (gap.from() < shown.to() && gap.to() > shown.from()) {
      chart.box(gap, top, LATENCY, "gap", "gap");
    }
    hop.pause().ifPresent(pause -> chart.box(pause, top, LATENCY, "pause-band", "pause"));
    chart.line(hop.latency(), scale, 50, "latency", "latency, ms");
    chart.skip(LATENCY + 14);
  }

  private static void gantt(Chart chart, List<Row> rows, Span pause) {
    for (double edge : new double[] {pause.from(), pause.to()}) {
      double x = chart.time().place(edge);
      chart.rule(x, chart.y() - 6, x, chart.y() + rows.size() * ROW, "edge");
    }
    for (Row row : rows) {
      double y = chart.y();
      chart.text(row.label(), 4, y + 11, "tick");
      String length = String.format(Locale.ROOT, "%.1f ms", row.span().length());
      chart.box(row.span(), y, BAR, row.style(), row.label() + ": " + length);
      value(chart, row.span(), y + 11, length);
      chart.skip(ROW);
    }
  }

  /** Behind the bar; before it when there is no room behind, in it when there is none before. */
  private static void value(Chart chart, Span span, double baseline, String text) {
    double room = text.length() * Chart.LETTER + 4;
    double from = chart.time().place(span.from());
    double to = chart.time().place(span.to());
    if (to + room < chart.time().last()) {
      chart.text(text, to + 5, baseline, "tick halo");
    } else if (from - room > chart.time().first()) {
      chart.text(text, from - 5, baseline, "tick end halo");
    } else {
      chart.text(text, (from + to) / 2, baseline, "inside middle");
    }
  }
}
