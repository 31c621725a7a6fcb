package dev.architekt.cli.demo.record;

import java.util.List;

/**
 * One picture being drawn: headings, axes, lines and bands over one axis of time. Sizes are pixels
 * at the width for which it is drawn.
 */
final class Chart {
  static final int WIDE = 880;
  static final int NARROW = 360;

  /** Of a letter of the labels, roughly; they are 12 pixels high. */
  static final double LETTER = 6.5;

  /** The one style in the style sheet that is bold. */
  static final String BOLD = "gap-label";

  private static final double LETTER_BOLD = 7.8;
  private static final int RIGHT = 14;
  private static final int LABEL = 4;

  private final Markup out;
  private final int width;
  private final Scale time;
  private double y;

  private Chart(Markup out, int width, Scale time) {
    this.out = out;
    this.width = width;
    this.time = time;
  }

  /**
   * Begins a picture.
   *
   * @param id that no other picture of the page has
   * @param left room for labels
   * @param summary the picture in words, for who cannot see it
   */
  static Chart begin(
      Markup out,
      String id,
      int width,
      int height,
      double left,
      Span time,
      String title,
      String summary) {
    boolean wide = width == WIDE;
    out.open(
        "svg",
        "class",
        wide ? "chart wide" : "chart narrow",
        "viewBox",
        "0 0 " + width + " " + height,
        "role",
        "img",
        "aria-labelledby",
        id + "-t " + id + "-d",
        "data-from",
        time.from(),
        "data-to",
        time.to(),
        "data-left",
        left,
        "data-right",
        (double) (width - RIGHT),
        "data-height",
        height);
    out.leaf("title", title, "id", id + "-t").leaf("desc", summary, "id", id + "-d").line();
    return new Chart(out, width, Scale.linear(time.from(), time.to(), left, width - RIGHT));
  }

  void end() {
    out.close().line();
  }

  boolean wide() {
    return width == WIDE;
  }

  Scale time() {
    return time;
  }

  /** Where the next thing is drawn, from the top. */
  double y() {
    return y;
  }

  void skip(double pixels) {
    y += pixels;
  }

  /** A line of text over what follows. */
  void heading(String text) {
    y += 16;
    text(text, LABEL, y - 4, "heading");
  }

  void text(String text, double x, double baseline, String style) {
    out.leaf("text", text, "x", x, "y", baseline, "class", style);
  }

  /** A text in its place, moved as little as is needed to stay in the picture. */
  void textInside(String text, double middle, double baseline, String style) {
    double half = text.length() * (style.equals(BOLD) ? LETTER_BOLD : LETTER) / 2;
    double x = Math.max(2 + half, Math.min(width - 2 - half, middle));
    out.leaf("text", text, "x", x, "y", baseline, "class", style + " middle");
  }

  /** A stretch of time; its tooltip is {@code title}. */
  void box(Span span, double top, double height, String style, String title) {
    double x = time.place(span.from());
    out.open(
        "rect",
        "x",
        x,
        "y",
        top,
        "width",
        Math.max(1, time.place(span.to()) - x),
        "height",
        height,
        "class",
        style);
    out.leaf("title", title).close();
  }

  void rule(double x1, double y1, double x2, double y2, String style) {
    out.empty("path", "d", move('M', x1, y1) + move('L', x2, y2), "class", style);
  }

  /** Lines across at round figures, each with its label at the left. */
  void grid(Scale scale, int ticks) {
    for (double tick : scale.ticks(ticks)) {
      double at = scale.place(tick);
      rule(time.first(), at, time.last(), at, "grid");
      out.leaf("text", Scale.label(tick), "x", time.first() - 6, "y", at + 4, "class", "tick end");
    }
  }

  /** The axis of time, at the bottom. */
  void axis(String title, double unitMs) {
    rule(time.first(), y, time.last(), y, "axis");
    Scale units = Scale.linear(time.from() / unitMs, time.to() / unitMs, time.first(), time.last());
    for (double tick : units.ticks((int) ((time.last() - time.first()) / 56))) {
      double x = units.place(tick);
      rule(x, y, x, y + 4, "axis");
      textInside(Scale.label(tick), x, y + 17, "tick");
    }
    textInside(title, (time.first() + time.last()) / 2, y + 33, "heading");
    y += 38;
  }

  /**
   * A curve, with at most one point a pixel: the highest.
   *
   * @param holeMs a time without a point that is longer is left open
   * @param name what it shows, and its unit after a comma
   */
  void line(Curve curve, Scale scale, double holeMs, String style, String name) {
    StringBuilder path = new StringBuilder();
    double last = Double.NEGATIVE_INFINITY;
    for (Curve.Point point : onePerPixel(curve.points())) {
      char how = point.at() - last > Math.max(holeMs, 2 * pixelMs()) ? 'M' : 'L';
      path.append(move(how, time.place(point.at()), scale.place(point.value())));
      last = point.at();
    }
    if (!path.isEmpty()) {
      out.empty(
          "path",
          "d",
          path,
          "class",
          style,
          "data-name",
          name,
          "data-low",
          scale.from(),
          "data-high",
          scale.to(),
          "data-bottom",
          scale.first(),
          "data-top",
          scale.last(),
          "data-log",
          scale.logarithmic());
    }
  }

  /** The same, filled down to the bottom. */
  void area(Curve curve, Scale scale, String style) {
    List<Curve.Point> points = onePerPixel(curve.points());
    if (points.isEmpty()) {
      return;
    }
    double begin = time.place(points.getFirst().at());
    StringBuilder path = new StringBuilder(move('M', begin, scale.first()));
    points.forEach(p -> path.append(move('L', time.place(p.at()), scale.place(p.value()))));
    path.append(move('L', time.place(points.getLast().at()), scale.first())).append('Z');
    out.empty("path", "d", path, "class", style);
  }

  private double pixelMs() {
    return (time.to() - time.from()) / (time.last() - time.first());
  }

  private List<Curve.Point> onePerPixel(List<Curve.Point> points) {
    java.util.ArrayList<Curve.Point> kept = new java.util.ArrayList<>();
    long column = Long.MIN_VALUE;
    for (Curve.Point point : points) {
      if (point.at() < time.from() || point.at() > time.to()) {
        continue;
      }
      long here = Math.round(time.place(point.at()));
      if (here != column) {
        kept.add(point);
        column = here;
      } else if (point.value() > kept.getLast().value()) {
        kept.set(kept.size() - 1, point);
      }
    }
    return kept;
  }

  private static String move(char how, double x, double y) {
    return how + Markup.decimal(x) + "," + Markup.decimal(y);
  }
}
