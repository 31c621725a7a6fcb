package dev.architekt.bench;

import java.util.Arrays;
import java.util.List;

/**
 * What a table says about many figures of one kind. Nothing is assumed about how they are
 * distributed.
 */
public final class Stats {
  private static final double CONFIDENCE = 0.95;

  private final double[] sorted;

  private Stats(double[] sorted) {
    this.sorted = sorted;
  }

  /** Of these figures, in any order; none of them may be NaN. */
  public static Stats of(List<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).toArray();
    for (double figure : sorted) {
      if (Double.isNaN(figure)) {
        throw new IllegalArgumentException("one of " + figures.size() + " figures is no number");
      }
    }
    Arrays.sort(sorted);
    return new Stats(sorted);
  }

  public int n() {
    return sorted.length;
  }

  /** The middle one, or the mean of the two in the middle; NaN of nothing. */
  public double median() {
    int n = sorted.length;
    if (n == 0) {
      return Double.NaN;
    }
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }

  /**
   * The smallest figure that is not exceeded by {@code share} of all (nearest rank); NaN of
   * nothing. Of fewer than 100 figures the 99th percentile is the largest.
   */
  public double quantile(double share) {
    if (share <= 0 || share > 1) {
      throw new IllegalArgumentException("a share of " + share + ": expected more than 0, up to 1");
    }
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length - 1e-9) - 1)];
  }

  public double p99() {
    return quantile(0.99);
  }

  /** From {@code low} to {@code high}, both included. */
  public record Interval(double low, double high) {
    public double width() {
      return high - low;
    }
  }

  /**
   * Where the median of all figures there could be lies, with at least 95 % confidence: between two
   * of the figures, by how often a fair coin falls (the sign test). Of fewer than 6 there is no
   * such pair, and the interval is infinite.
   */
  public Interval medianInterval() {
    int n = sorted.length;
    // The k-th smallest and k-th largest hold the median between them unless fewer than k figures
    // lie on one side of it.
    double tail = 0;
    double term = Math.pow(0.5, n);
    int k = 0;
    while (k < n / 2 && 2 * (tail + term) <= 1 - CONFIDENCE) {
      tail += term;
      k++;
      term = term * (n - k + 1) / k;
    }
    return k == 0
        ? new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
        : new Interval(sorted[k - 1], sorted[n - k]);
  }
}
