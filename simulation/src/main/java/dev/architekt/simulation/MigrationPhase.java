package dev.architekt.simulation;

import java.util.Optional;

/** Where a migration is, as the source's status says it; the rows of the coverage table. */
public enum MigrationPhase {
  PREPARE,
  COPY,
  SWITCH_OVER,
  UNDO,
  GRANT,
  POST_COPY,
  RELEASE;

  static Optional<MigrationPhase> of(String sourcePhase) {
    return switch (sourcePhase) {
      case "RUNNING" -> Optional.of(PREPARE);
      case "COPYING" -> Optional.of(COPY);
      case "SWITCHING" -> Optional.of(SWITCH_OVER);
      case "ROLLING_BACK", "REVOKING" -> Optional.of(UNDO);
      case "GRANTED" -> Optional.of(GRANT);
      case "SERVING" -> Optional.of(POST_COPY);
      case "RELEASING", "RELEASED" -> Optional.of(RELEASE);
      default -> Optional.empty();
    };
  }
}
