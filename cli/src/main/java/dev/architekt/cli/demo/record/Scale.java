package dev.architekt.cli.demo.record;

import java.util.ArrayList;
import java.util.List;

/**
 * From figures to places on a chart.
 *
 * @param from the figure at {@code first}, and {@code to} that at {@code last}
 * @param logarithmic whether equal ratios, and not differences, are equally far apart
 */
record Scale(double from, double to, double first, double last, boolean logarithmic) {
  static Scale linear(double from, double to, double first, double last) {
    return new Scale(from, Math.max(to, from + 1e-9), first, last, false);
  }

  /** Over whole powers of ten. */
  static Scale decades(double from, double to, double first, double last) {
    double top = Math.pow(10, Math.ceil(Math.log10(Math.max(to, from * 10)) - 1e-9));
    return new Scale(from, top, first, last, true);
  }

  /** The place of a figure; one outside is put at the edge. */
  double place(double figure) {
    double value = Math.min(to, Math.max(from, figure));
    double share =
        logarithmic
            ? Math.log10(value / from) / Math.log10(to / from)
            : (value - from) / (to - from);
    return first + share * (last - first);
  }

  /** Round figures for {@code count} labels or fewer, or one a decade. */
  List<Double> ticks(int count) {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      for (double tick = from; tick <= to * 1.001; tick *= 10) {
        ticks.add(tick);
      }
      return ticks;
    }
    double step = step((to - from) / Math.max(1, count));
    for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** The next of 1, 2, 5, 10, 20, … */
  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** A tick as text: no digits that say nothing. */
  static String label(double figure) {
    String text = String.format(java.util.Locale.ROOT, "%.2f", figure);
    return text.replaceFirst("\\.?0+$", "").replaceFirst("^-?$", "0");
  }
}
