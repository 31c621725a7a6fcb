package dev.architekt.migration.core;

/** How a session ended, as this side knows it. */
public enum Outcome {
  /** The instance is at the destination, all of it. */
  MOVED,
  /** The instance stayed at the source, which runs it. */
  STAYED
}
