package dev.architekt.cli.demo.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The page: everything that it needs is in it, and its own policy forbids the browser to fetch
 * anything.
 */
public final class Page {
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** How times of different processes come to stand on one axis. */
  private static final List<String> METHOD =
      List.of(
          "All processes ran on one machine and read the same clock, CLOCK_MONOTONIC, so that times"
              + " of the client's probe, of the peers and of the demo are compared as they are. Zero"
              + " is when the demo started the destination's peer.",
          "The client is a process of its own that asks every millisecond, whether or not the last"
              + " question was answered. Each latency stands at the time of its question: the slope"
              + " after a pause is that of questions that waited for its end. A point is the worst of"
              + " 5 ms (of more if a hop takes longer than 20 s), or of one pixel; the line is open where"
              + " the probe itself did not come to ask. The gap is the longest"
              + " time between two answers.",
          "The guest ran again when the destination says so. When it was stopped is that time less"
              + " the pause, which the source measures by its own clock, less half a round trip. The"
              + " parts of the pause are durations that each side measured, put one after another:"
              + " the source's from its beginning, the destination's from its end.",
          "Copy rounds begin when their first page reaches the destination; the switch-over begins"
              + " when the source asks the destination to answer for the VM's address.",
          "Bytes are counters of the destination's network interface, read every 20 ms, without what"
              + " the host only forwards between the client and the VM. The table's figure is the"
              + " packet filter's count of the same; it has no Ethernet headers.");

  private final Markup out = new Markup();
  private final Summary summary;
  private final List<Timeline> hops;
  private final int dropped;

  private Page(Summary summary, List<Timeline> hops, int dropped) {
    this.summary = summary;
    this.hops = hops;
    this.dropped = dropped;
  }

  /**
   * Writes the page of what was recorded, in a new folder if need be; a file of that name is
   * replaced.
   */
  public static void write(Path file, Summary summary, Recording recording) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, html(summary, recording.hops(), recording.dropped()));
  }

  static String html(Summary summary, List<Timeline> hops, int dropped) {
    Page page = new Page(summary, hops, dropped);
    page.document();
    return page.out.document();
  }

  private void document() {
    out.open("html", "lang", "en");
    out.open("head").line();
    out.empty("meta", "charset", "utf-8").line();
    out.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    out.empty("meta", "name", "color-scheme", "content", "light dark").line();
    out.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY).line();
    out.leaf("title", summary.title()).line();
    out.open("style").raw(resource("page.css")).close().line();
    out.close().line();
    out.open("body").open("main").line();
    head();
    hopTable();
    hops.forEach(this::hop);
    method();
    out.close().line();
    out.open("script").raw(resource("page.js")).close();
    out.close().close().line();
  }

  private void head() {
    out.open("header");
    out.leaf("h1", summary.title());
    out.open("p", "class", "conditions").open("code").text(summary.command()).close();
    out.text(" · " + String.join(" · ", summary.conditions()) + " · ");
    out.text(TIME.format(summary.written())).close();
    if (summary.broken().isEmpty()) {
      out.open("p", "class", "verdict good").leaf("strong", "PASSED");
      out.text(": no connection and no acknowledged write lost.").close();
    }
    for (String broken : summary.broken()) {
      out.open("p", "class", "verdict bad").leaf("strong", "FAILED").text(": " + broken).close();
    }
    summary.client().forEach(line -> out.leaf("p", line));
    out.close().line();
  }

  private void hopTable() {
    if (hops.isEmpty()) {
      out.leaf("p", "No hop was completed.").line();
      return;
    }
    out.open("div", "class", "scroll").open("table", "class", "hops");
    out.leaf("caption", "All hops: what the client saw (gap) and what the hosts saw (pause)");
    out.open("thead").open("tr");
    List<String> names =
        List.of(
            "hop",
            "from",
            "to",
            "gap, ms",
            "gap without a move, ms",
            "pause, ms",
            "total, ms",
            "on the wire, MB",
            "copy rounds",
            "fetched on demand");
    for (int i = 0; i < names.size(); i++) {
      out.leaf("th", names.get(i), "scope", "col", "class", i == 1 || i == 2 ? "name" : "number");
    }
    out.close().close().open("tbody").line();
    for (Timeline hop : hops) {
      out.open("tr").open("th", "scope", "row");
      out.leaf("a", Integer.toString(hop.number()), "href", "#hop-" + hop.number()).close();
      out.leaf("td", hop.from(), "class", "name").leaf("td", hop.to(), "class", "name");
      names.stream().skip(3).forEach(name -> out.leaf("td", hop.figure(name)));
      out.close().line();
    }
    out.close().close().close().line();
    if (dropped > 0) {
      out.leaf(
              "p",
              dropped
                  + " more hops were made. To keep this page small it shows the first and those with"
                  + " the longest gaps.")
          .line();
    }
  }

  private void hop(Timeline hop) {
    String id = "hop-" + hop.number();
    out.open("section", "id", id, "aria-labelledby", id + "-title");
    out.leaf(
        "h2", "Hop " + hop.number() + ": " + hop.from() + " to " + hop.to(), "id", id + "-title");
    if (!hop.reason().isEmpty()) {
      out.leaf("p", "Switched over because " + hop.reason() + ".");
    }
    out.open("div", "class", "hop").open("div", "class", "pictures").line();
    if (hop.phases().isEmpty()) {
      out.leaf(
          "p",
          "The phases are not known: a process was started again in the middle, or measured nothing.");
    }
    for (int width : new int[] {Chart.WIDE, Chart.NARROW}) {
      HopChart.draw(out, hop, width);
    }
    phaseColours(hop);
    for (int width : new int[] {Chart.WIDE, Chart.NARROW}) {
      PauseChart.draw(out, hop, width);
    }
    if (!hop.parts().isEmpty()) {
      colours(
          List.of(
              new Colour("source", "done by the source"),
              new Colour("way", "on the link"),
              new Colour("destination", "done by the destination")));
    }
    out.leaf("p", "", "class", "readout", "aria-hidden", "true");
    out.close();
    figures(hop);
    out.close().line();
    HopDetails.write(out, hop);
    out.close().line();
  }

  private record Colour(String style, String meaning) {}

  private void phaseColours(Timeline hop) {
    List<Colour> colours = new ArrayList<>();
    for (Phase.Kind kind : Phase.Kind.values()) {
      if (hop.phases().stream().anyMatch(phase -> phase.kind() == kind)) {
        colours.add(new Colour(kind.style(), kind.legend()));
      }
    }
    colours.add(new Colour("gap", "the client's gap"));
    colours(colours);
  }

  private void colours(List<Colour> colours) {
    out.open("ul", "class", "legend", "aria-label", "Colours");
    for (Colour colour : colours) {
      out.open("li").leaf("span", "", "class", "swatch " + colour.style());
      out.text(colour.meaning()).close();
    }
    out.close().line();
  }

  private void figures(Timeline hop) {
    out.open("table", "class", "figures");
    out.leaf("caption", "Hop " + hop.number() + " in figures").open("tbody").line();
    for (Figure figure : hop.figures()) {
      out.open("tr").leaf("th", figure.name(), "scope", "row");
      out.leaf("td", figure.value()).close().line();
    }
    out.close().close();
  }

  private void method() {
    out.open("section", "aria-labelledby", "method")
        .leaf("h2", "How this was measured", "id", "method");
    out.open("ul");
    METHOD.forEach(sentence -> out.leaf("li", sentence));
    out.close().close().line();
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
