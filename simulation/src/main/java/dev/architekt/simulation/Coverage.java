package dev.architekt.simulation;

import java.util.Locale;

/**
 * How often which fault was injected in which phase. Not thread-safe; tables of threads are added
 * up.
 */
public final class Coverage {
  private final long[][] counts = new long[MigrationPhase.values().length][Fault.values().length];

  void count(MigrationPhase phase, Fault fault) {
    counts[phase.ordinal()][fault.ordinal()]++;
  }

  void add(Coverage other) {
    for (int p = 0; p < counts.length; p++) {
      for (int f = 0; f < counts[p].length; f++) {
        counts[p][f] += other.counts[p][f];
      }
    }
  }

  /** Cells that were never reached. */
  public int empty() {
    int empty = 0;
    for (long[] row : counts) {
      for (long count : row) {
        empty += count == 0 ? 1 : 0;
      }
    }
    return empty;
  }

  /** The table: a row a phase, a column a fault. */
  public String table() {
    StringBuilder out = new StringBuilder(String.format("%-12s", "phase"));
    for (Fault fault : Fault.values()) {
      out.append(String.format(" %17s", fault.name().toLowerCase(Locale.ROOT)));
    }
    for (MigrationPhase phase : MigrationPhase.values()) {
      out.append(String.format("%n%-12s", phase.name().toLowerCase(Locale.ROOT)));
      for (Fault fault : Fault.values()) {
        out.append(String.format(" %17d", counts[phase.ordinal()][fault.ordinal()]));
      }
    }
    return out.toString();
  }
}
