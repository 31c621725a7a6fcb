package dev.architekt.cli.demo.record;

import java.util.List;

/** A figure over time. */
record Curve(List<Point> points) {
  /**
   * @param at milliseconds after a hop's beginning
   */
  record Point(double at, double value) {}

  Curve {
    points = List.copyOf(points);
  }

  double max() {
    return points.stream().mapToDouble(Point::value).max().orElse(0);
  }
}
