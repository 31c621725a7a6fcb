package dev.architekt.cli.demo.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A row of a hop's table.
 *
 * @param name with its unit
 */
record Figure(String name, String value) {
  private static final String UNKNOWN = "unknown";

  static List<Figure> of(Timeline.Material hop) {
    JsonNode window = hop.window();
    JsonNode report = hop.report();
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure("gap, ms", decimal(window.path("gapMs"), 1)));
    figures.add(
        new Figure("gap without a move, ms", String.format(Locale.ROOT, "%.1f", hop.idleGapMs())));
    figures.add(new Figure("pause, ms", decimal(report.path("pauseMs"), 1)));
    figures.add(new Figure("latency, median, ms", decimal(window.path("latencyP50Ms"), 2)));
    figures.add(new Figure("latency, 99 %, ms", decimal(window.path("latencyP99Ms"), 2)));
    figures.add(new Figure("probe late itself by, ms", decimal(window.path("ownDelayMs"), 1)));
    figures.add(new Figure("prepared after, ms", decimal(report.path("preparedMs"), 0)));
    figures.add(new Figure("running after, ms", decimal(report.path("runningMs"), 0)));
    figures.add(new Figure("total, ms", decimal(report.path("totalMs"), 0)));
    figures.add(
        new Figure("on the wire, MB", String.format(Locale.ROOT, "%.1f", hop.bytesOnWire() / 1e6)));
    figures.add(new Figure("copy rounds", whole(report.path("rounds"))));
    figures.add(new Figure("pages sent", whole(report.path("pagesSent"))));
    figures.add(new Figure("pages sent as zero", whole(report.path("pagesZero"))));
    figures.add(new Figure("pages known already", whole(report.path("pagesElided"))));
    figures.add(new Figure("pages left behind", whole(report.path("pagesStale"))));
    figures.add(new Figure("fetched on demand", whole(report.path("chunksOnDemand"))));
    figures.add(new Figure("dirtied, pages a second", whole(report.path("dirtyPagesPerSecond"))));
    figures.add(new Figure("TCP retransmissions", whole(window.path("retransmits"))));
    return figures;
  }

  private static String decimal(JsonNode value, int digits) {
    return value.isNumber()
        ? String.format(Locale.ROOT, "%,." + digits + "f", value.asDouble())
        : UNKNOWN;
  }

  private static String whole(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%,d", value.asLong()) : UNKNOWN;
  }
}
