package dev.architekt.archive;

/**
 * Told how far a long operation is; called by the thread that runs it, about once a chunk, so keep
 * it short.
 */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (done, total) -> {};

  /** {@code done} of {@code total} uncompressed bytes are through; {@code total} stays the same. */
  void at(long done, long total);
}
