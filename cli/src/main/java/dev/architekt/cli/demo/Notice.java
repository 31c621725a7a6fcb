package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * Something a role said that a person should see though nothing failed.
 *
 * @param from the role
 * @param event its kind, or {@code stderr}
 */
public record Notice(String from, String event, String text) {
  /** What every demo says; all else is worth a line, also what a later version may add. */
  private static final Set<String> ORDINARY =
      Set.of(
          "progress",
          "listening",
          "running",
          "complete",
          "prepared",
          "report",
          "handed-over",
          "stopping",
          "started",
          "window",
          "snapshot",
          "stopped",
          "verified",
          "sums",
          "step",
          "failed");

  static boolean isOne(JsonNode event) {
    return !ORDINARY.contains(event.path("event").asText());
  }

  static Notice of(String from, JsonNode event) {
    return new Notice(from, event.path("event").asText(), event.path("text").asText());
  }

  @Override
  public String toString() {
    return from + ": " + text;
  }
}
