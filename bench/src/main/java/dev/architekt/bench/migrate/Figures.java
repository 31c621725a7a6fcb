package dev.architekt.bench.migrate;

import dev.architekt.bench.Stats;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What the hops of each engine come to. */
final class Figures {
  /** A column of the result. */
  enum Figure {
    GAP("gapMs", Hop::gapMs, hop -> true),
    IDLE_GAP("idleGapMs", Hop::idleGapMs, hop -> true),
    PAUSE("pauseMs", Hop::pauseMs, hop -> true),
    TOTAL("totalMs", Hop::totalMs, hop -> true),
    START("startMs", Hop::startMs, hop -> true),
    FIRST_BYTES("firstHopBytes", Hop::bytes, Hop::toEmpty),
    // QEMU keeps nothing at a host that it has left: each of its hops is as a first one.
    RETURN_BYTES(
        "returnHopBytes",
        Hop::bytes,
        hop -> !hop.toEmpty() || !hop.engine().equals(ArchitektEngine.NAME));

    final String field;
    private final ToDoubleFunction<Hop> value;
    private final Predicate<Hop> counted;

    Figure(String field, ToDoubleFunction<Hop> value, Predicate<Hop> counted) {
      this.field = field;
      this.value = value;
      this.counted = counted;
    }

    Stats of(List<Hop> hops) {
      return Stats.of(hops.stream().filter(counted).map(hop -> value.applyAsDouble(hop)).toList());
    }
  }

  private final Map<String, List<Hop>> engines;

  /**
   * @param engines the hops of each, in the order of tables
   */
  Figures(Map<String, List<Hop>> engines) {
    this.engines = new LinkedHashMap<>(engines);
  }

  Map<String, List<Hop>> engines() {
    return engines;
  }

  Stats of(String engine, Figure figure) {
    return figure.of(engines.getOrDefault(engine, List.of()));
  }

  /**
   * Medians of ours over the best of QEMU's engines, which for bytes and total time is always
   * pre-copy when that was measured; empty without ours or theirs.
   */
  Map<String, Double> ratios() {
    Map<String, Double> ratios = new LinkedHashMap<>();
    for (Figure figure : Figure.values()) {
      if (figure == Figure.IDLE_GAP || figure == Figure.START) {
        continue;
      }
      double ours = of(ArchitektEngine.NAME, figure).median();
      double theirs = baseline(figure);
      if (!Double.isNaN(ours) && !Double.isNaN(theirs) && theirs > 0) {
        ratios.put(figure.field, ours / theirs);
      }
    }
    return ratios;
  }

  private double baseline(Figure figure) {
    boolean best = figure == Figure.GAP || figure == Figure.PAUSE;
    if (!best && engines.containsKey(Variant.PRECOPY)) {
      return of(Variant.PRECOPY, figure).median();
    }
    return engines.keySet().stream()
        .filter(engine -> !engine.equals(ArchitektEngine.NAME))
        .mapToDouble(engine -> of(engine, figure).median())
        .min()
        .orElse(Double.NaN);
  }

  /** As `--json` writes it, without the hops. */
  Map<String, Object> toJson() {
    Map<String, Object> all = new LinkedHashMap<>();
    for (String engine : engines.keySet()) {
      Map<String, Object> one = new LinkedHashMap<>();
      for (Figure figure : Figure.values()) {
        Stats stats = of(engine, figure);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("p50", stats.n() == 0 ? null : stats.median());
        values.put("p99", stats.n() == 0 ? null : stats.p99());
        values.put("n", stats.n());
        one.put(figure.field, values);
      }
      all.put(engine, one);
    }
    return all;
  }
}
