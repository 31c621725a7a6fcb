package dev.architekt.bench.migrate;

import dev.architekt.bench.Stats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of QEMU's variants stands for its family: the one with the smallest median gap. Every
 * variant makes a few hops; the best two go on to a final, because the median of two hops says
 * little.
 */
final class Tournament {
  static final int HEATS = 2;
  static final int FINAL_HOPS = 3;
  private static final int FINALISTS = 2;

  /** Makes one hop by a variant; its gap in milliseconds. */
  interface Player {
    double gap(Variant variant) throws IOException, InterruptedException;
  }

  private final Map<Variant, List<Double>> gaps = new LinkedHashMap<>();

  /** How many hops {@link #choose} makes. */
  static int hops(String family) {
    int variants = Variant.of(family).size();
    return variants * HEATS + Math.min(variants, FINALISTS) * FINAL_HOPS;
  }

  /** Plays it; variants take turns, so that none has a better minute than the others. */
  Variant choose(String family, Player player) throws IOException, InterruptedException {
    play(Variant.of(family), HEATS, player);
    List<Variant> finalists = ranking().subList(0, Math.min(gaps.size(), FINALISTS));
    play(finalists, FINAL_HOPS, player);
    // Only they have all the hops.
    return finalists.stream().min(Comparator.comparingDouble(this::median)).orElseThrow();
  }

  private void play(List<Variant> variants, int rounds, Player player)
      throws IOException, InterruptedException {
    for (int round = 0; round < rounds; round++) {
      for (Variant variant : variants) {
        gaps.computeIfAbsent(variant, v -> new ArrayList<>()).add(player.gap(variant));
      }
    }
  }

  private List<Variant> ranking() {
    return gaps.keySet().stream().sorted(Comparator.comparingDouble(this::median)).toList();
  }

  double median(Variant variant) {
    return Stats.of(gaps.get(variant)).median();
  }

  /** Every variant that played, and its gaps. */
  Map<Variant, List<Double>> gaps() {
    return gaps;
  }
}
