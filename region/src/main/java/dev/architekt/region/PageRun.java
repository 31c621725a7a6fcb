package dev.architekt.region;

/** Consecutive pages: {@code count} of them from {@code first}. */
public record PageRun(long first, long count) {
  public PageRun {
    if (first < 0 || count <= 0 || first + count < 0) {
      throw new IllegalArgumentException("run of " + count + " pages from page " + first);
    }
  }

  /** The page after the last one. */
  public long end() {
    return first + count;
  }
}
