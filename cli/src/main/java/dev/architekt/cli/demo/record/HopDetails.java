package dev.architekt.cli.demo.record;

import java.util.Locale;

/** What a hop's pictures show, as numbers, and what the roles said: folded away. */
final class HopDetails {
  private HopDetails() {}

  static void write(Markup out, Timeline hop) {
    out.open("details");
    out.leaf("summary", "Hop " + hop.number() + ": phases, parts of the pause and messages");
    out.open("div", "class", "scroll").open("table");
    out.leaf("caption", "Phases and parts of the pause, ms after the peer's start");
    head(out, "what", "from", "to", "length");
    for (Phase phase : hop.phases()) {
      row(out, phase.label(), phase.span());
    }
    hop.gap().ifPresent(gap -> row(out, "client: no answer (gap)", gap));
    for (Part part : hop.parts()) {
      row(out, part.label(), part.span());
    }
    out.close().close().close().line();
    if (!hop.said().isEmpty()) {
      said(out, hop);
    }
    out.close();
  }

  private static void head(Markup out, String... names) {
    out.open("thead").open("tr");
    for (String name : names) {
      out.leaf("th", name, "scope", "col");
    }
    out.close().close().open("tbody").line();
  }

  private static void row(Markup out, String what, Span span) {
    out.open("tr").leaf("th", what, "scope", "row");
    for (double value : new double[] {span.from(), span.to(), span.length()}) {
      out.leaf("td", number(value));
    }
    out.close().line();
  }

  private static void said(Markup out, Timeline hop) {
    out.open("div", "class", "scroll").open("table", "class", "said");
    out.leaf("caption", "What the roles said, when the demo heard it");
    head(out, "ms", "who", "what");
    for (Said said : hop.said()) {
      out.open("tr").leaf("th", number(said.at()), "scope", "row");
      out.leaf("td", said.role(), "class", "name").leaf("td", said.text(), "class", "name");
      out.close().line();
    }
    out.close().close().close().line();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }
}
