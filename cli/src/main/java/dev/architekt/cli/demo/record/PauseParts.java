package dev.architekt.cli.demo.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the parts of a pause, which are told as durations, where they belong in it: the source's
 * after its beginning, the destination's before its end. What is not known is left out.
 */
final class PauseParts {
  private static final double SHORT_MS = 0.05;

  private final JsonNode told;
  private final List<Part> parts = new ArrayList<>();

  private PauseParts(JsonNode told) {
    this.told = told;
  }

  /**
   * @param told the report's {@code pauseParts}
   */
  static List<Part> of(JsonNode told, Span pause) {
    PauseParts parts = new PauseParts(told);
    parts.source(pause.from());
    parts.destination(pause.to());
    return List.copyOf(parts.parts);
  }

  private double of(String field) {
    return Math.max(0, told.path(field).asDouble());
  }

  private void source(double stop) {
    double stopped = stop + of("sourceStop");
    double sent = stop + of("sourceStopToSent");
    add("source", "stop", stop, "sourceStop");
    add("source", "collect dirty pages", stopped, "sourceCollect");
    add("source", "save device state", stopped, "sourceSave");
    add("source", "record the grant", sent, "sourceGrant");
    add("link", "state on its way", sent, "onTheWay");
  }

  private void destination(double ran) {
    double state = ran - of("destinationStateToCont");
    double fenced = state + of("destinationFence");
    double forgotten = fenced + of("destinationForget");
    double accepting = ran - of("destinationCont") - of("destinationPersist");
    add("destination", "store earlier pages", state, "destinationFence");
    add("destination", "forget stale pages", fenced, "destinationForget");
    add("destination", "load device state", forgotten, "destinationLoad");
    double waiting = accepting - of("destinationWaitForGrant");
    add("destination", "wait for the grant", waiting, "destinationWaitForGrant");
    add("destination", "record acceptance", accepting, "destinationPersist");
    add("destination", "let it run", ran - of("destinationCont"), "destinationCont");
  }

  private void add(String where, String what, double from, String field) {
    if (of(field) >= SHORT_MS) {
      parts.add(new Part(where, what, new Span(from, from + of(field))));
    }
  }
}
