package dev.architekt.bench.migrate;

import java.util.List;

/**
 * How QEMU migrates.
 *
 * @param name in tables
 * @param family {@code qemu-precopy} or {@code qemu-postcopy}
 * @param downtimeMs {@code downtime-limit}
 * @param multifd whether pages go over several connections
 * @param passes of post-copy: passes over the memory before it, 0 or 1; of pre-copy 0
 */
record Variant(String name, String family, int downtimeMs, boolean multifd, int passes) {
  static final String PRECOPY = "qemu-precopy";
  static final String POSTCOPY = "qemu-postcopy";

  private static final int DEFAULT_DOWNTIME_MS = 300;

  boolean isPostcopy() {
    return family.equals(POSTCOPY);
  }

  /** All that are tried of a family. */
  static List<Variant> of(String family) {
    return switch (family) {
      case PRECOPY ->
          List.of(
              new Variant("downtime-limit 30", PRECOPY, 30, false, 0),
              new Variant("downtime-limit 300", PRECOPY, 300, false, 0),
              new Variant("downtime-limit 30, multifd", PRECOPY, 30, true, 0),
              new Variant("downtime-limit 300, multifd", PRECOPY, 300, true, 0));
      case POSTCOPY ->
          List.of(
              new Variant("post-copy at once", POSTCOPY, DEFAULT_DOWNTIME_MS, false, 0),
              new Variant("post-copy after one pass", POSTCOPY, DEFAULT_DOWNTIME_MS, false, 1));
      default ->
          throw new IllegalArgumentException(
              "--against " + family + ": there are " + PRECOPY + " and " + POSTCOPY);
    };
  }
}
