package dev.architekt.bench.migrate;

import dev.architekt.bench.Stats;
import dev.architekt.bench.migrate.Figures.Figure;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The result for people and for programs. */
final class Report {
  private static final int CHART_WIDTH = 50;

  private final Figures figures;
  private final Map<String, Variant> best;
  private final List<Hop> tournament;
  private final String load;

  /**
   * @param best the variant that each family was measured with
   * @param tournament the hops that chose it
   */
  Report(Figures figures, Map<String, Variant> best, List<Hop> tournament, String load) {
    this.figures = figures;
    this.best = best;
    this.tournament = tournament;
    this.load = load;
  }

  void print(PrintStream out) {
    out.printf(
        "%nload %s; medians, and in brackets the 99th percentile (of fewer than 100 hops: the"
            + " worst)%n%n",
        load);
    out.printf("%-30s", "");
    figures.engines().forEach((engine, hops) -> out.printf("%24s", engine));
    out.println();
    row(out, "", Figure.GAP, "gap of a client, ms", 1, 1);
    row(out, "", Figure.IDLE_GAP, "  the same without a move, ms", 1, 1);
    row(out, "", Figure.PAUSE, "pause, ms", 1, 1);
    row(out, "", Figure.TOTAL, "total, ms", 1, 0);
    row(out, "", Figure.START, "  of it the process's start", 1, 0);
    row(out, "", Figure.FIRST_BYTES, "first hop, MB", 1e6, 1);
    row(out, "", Figure.RETURN_BYTES, "return hop, MB", 1e6, 1);
    out.printf("%-30s", "hops (to an empty host)");
    figures
        .engines()
        .forEach((engine, hops) ->
            out.printf(
                "%24s", hops.size() + " (" + hops.stream().filter(Hop::toEmpty).count() + ")"));
    out.println();
    out.printf("%-30s", "mode");
    figures
        .engines()
        .keySet()
        .forEach(engine ->
            out.printf("%24s", best.containsKey(engine) ? shortName(best.get(engine)) : "auto"));
    out.println();
    chart(out);
    ratios(out);
    out.println();
    out.println(
        "QEMU's VM has its disk in one file that both hosts see, ours carries its disk along, and"
            + " those bytes count.");
    out.println(
        "Total: ours from the start of the destination's command; QEMU's from the start of the"
            + " destination's process to its");
    out.println(
        "first answer, and from `migrate` until both sides say completed. Pause of QEMU's: from"
            + " its events, not its own figure.");
  }

  private static String shortName(Variant variant) {
    return variant.name().replace("downtime-limit", "limit").replace("post-copy ", "");
  }

  private void row(
      PrintStream out, String indent, Figure figure, String title, double unit, int digits) {
    out.printf("%-30s", indent + title);
    for (String engine : figures.engines().keySet()) {
      Stats stats = figures.of(engine, figure);
      out.printf("%24s", text(stats, unit, digits));
    }
    out.println();
  }

  static String text(Stats stats, double unit, int digits) {
    if (stats.n() == 0) {
      return "-";
    }
    String number = "%." + digits + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + ")", stats.median() / unit, stats.p99() / unit);
  }

  /** Each engine's gaps on one scale: a dot a hop, digits where several fall on one place. */
  private void chart(PrintStream out) {
    double longest =
        figures.engines().values().stream()
            .flatMap(List::stream)
            .mapToDouble(Hop::gapMs)
            .max()
            .orElse(0);
    if (longest <= 0) {
      return;
    }
    out.printf(Locale.ROOT, "%ngaps of each hop, 0 to %.0f ms%n", longest);
    figures
        .engines()
        .forEach((engine, hops) -> {
          int[] counts = new int[CHART_WIDTH + 1];
          hops.forEach(hop -> counts[(int) (hop.gapMs() / longest * CHART_WIDTH)]++);
          StringBuilder line = new StringBuilder();
          for (int count : counts) {
            line.append(count == 0 ? ' ' : count == 1 ? '.' : (char) ('0' + Math.min(9, count)));
          }
          out.printf("%-15s|%s|%n", engine, line);
        });
  }

  private void ratios(PrintStream out) {
    Map<String, Double> ratios = figures.ratios();
    if (ratios.isEmpty()) {
      return;
    }
    out.println();
    out.println("ours over QEMU's (gap, pause: its best mode; the others: its pre-copy)");
    ratios.forEach((name, ratio) -> out.printf(Locale.ROOT, "  %-16s %.2f%n", name, ratio));
  }

  Map<String, Object> toJson() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("load", load);
    all.put("engines", figures.toJson());
    all.put("ratios", figures.ratios());
    all.put("modes", best);
    all.put("hops", figures.engines());
    all.put("tournament", tournament);
    return all;
  }
}
