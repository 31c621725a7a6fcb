package dev.architekt.migration.message;

/** When to switch over. */
public enum Strategy {
  /** When the last step fits the target gap, or when more rounds stop helping. */
  AUTO,
  /** Like auto, but nothing is left behind at the grant. */
  PRE_COPY,
  /** At once; every chunk follows afterwards. */
  POST_COPY
}
