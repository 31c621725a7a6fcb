package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One hop, as its clients, its hosts and the kernel's counters saw it.
 *
 * @param window the gap probe's, from before the hop to after it
 * @param report the destination's
 * @param bytesOnWire that began or ended at the destination, both ways, counted by its kernel
 */
record HopResult(
    int number,
    String from,
    String to,
    double idleGapMs,
    JsonNode window,
    JsonNode report,
    long bytesOnWire) {

  double clientGapMs() {
    return window.path("gapMs").asDouble();
  }

  double pauseMs() {
    return report.path("pauseMs").asDouble();
  }

  double totalMs() {
    return report.path("totalMs").asDouble();
  }

  int rounds() {
    return report.path("rounds").asInt();
  }

  long chunksOnDemand() {
    return report.path("chunksOnDemand").asLong();
  }

  String switchReason() {
    return report.path("switchReason").asText();
  }

  /** For machines: times in milliseconds, the rest as it was reported. */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("hop", number);
    figures.put("from", from);
    figures.put("to", to);
    figures.put("clientGapMs", clientGapMs());
    figures.put("idleGapMs", idleGapMs);
    figures.put("pauseMs", pauseMs());
    figures.put("totalMs", totalMs());
    figures.put("bytesOnWire", bytesOnWire);
    figures.put("rounds", rounds());
    figures.put("chunksOnDemand", chunksOnDemand());
    figures.put("switchReason", switchReason());
    for (String field :
        new String[] {
          "preparedMs",
          "runningMs",
          "pauseParts",
          "pagesSent",
          "pagesZero",
          "pagesElided",
          "pagesStale",
          "dirtyPagesPerSecond",
        }) {
      figures.put(field, report.path(field));
    }
    for (String field :
        new String[] {"latencyP50Ms", "latencyP99Ms", "retransmits", "timeouts", "ownDelayMs"}) {
      figures.put(field, window.path(field));
    }
    return figures;
  }
}
