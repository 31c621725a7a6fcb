package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.architekt.cli.text.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A demo's figures, for people and for machines. */
final class Report {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Report() {}

  static List<String> table(List<HopResult> hops) {
    Table table =
        new Table(
            "hop",
            "from",
            "to",
            "gap ms",
            "idle gap ms",
            "pause ms",
            "total ms",
            "on wire MB",
            "rounds",
            "on demand");
    for (HopResult hop : hops) {
      table.row(
          Integer.toString(hop.number()),
          hop.from(),
          hop.to(),
          decimal(hop.clientGapMs()),
          decimal(hop.idleGapMs()),
          decimal(hop.pauseMs()),
          String.format(Locale.ROOT, "%.0f", hop.totalMs()),
          decimal(hop.bytesOnWire() / 1e6),
          Integer.toString(hop.rounds()),
          Long.toString(hop.chunksOnDemand()));
    }
    return table.lines();
  }

  static List<String> client(Evidence seen) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "client: %,d requests, %,d writes acknowledged, %s lost; %d errors, %d reconnects, %d resets",
            seen.sum("requests"),
            seen.load().path("acknowledgedWrites").asLong(),
            seen.verified().path("lostWrites").asText("?"),
            seen.sum("errors"),
            seen.sum("reconnects"),
            seen.resets()));
    lines.add("guest: same boot id, its clock " + Verdict.clockText(seen.clock()));
    if (seen.clock().path("bootIds").size() != 1) {
      lines.set(1, lines.get(1).replace("same boot id", "another boot id"));
    }
    return lines;
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** Everything, also when it ended early: {@code seen} is null then. */
  static Map<String, Object> json(
      DemoOptions options, List<HopResult> hops, Evidence seen, List<Notice> notices) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("load", options.load());
    all.put("memoryMiB", options.memoryMiB());
    all.put("hops", hops.stream().map(HopResult::figures).toList());
    if (seen != null) {
      all.put("client", client(seen.verified(), seen));
    }
    all.put("notices", notices.stream().map(Report::notice).toList());
    if (seen != null) {
      all.put(
          "probes",
          Map.of(
              "gap", seen.gap(),
              "load", seen.load(),
              "clock", seen.clock(),
              "verified", seen.verified()));
    }
    return all;
  }

  private static Map<String, Object> client(JsonNode verified, Evidence seen) {
    Map<String, Object> client = new LinkedHashMap<>();
    client.put("requests", seen.sum("requests"));
    client.put("acknowledgedWrites", seen.load().path("acknowledgedWrites").asLong());
    client.put("errors", seen.sum("errors"));
    client.put("reconnects", seen.sum("reconnects"));
    client.put("lostWrites", verified.path("lostWrites").asLong(-1));
    client.put("keysChecked", verified.path("keysChecked").asLong());
    client.put("resets", seen.resets());
    client.put("sockets", seen.socketsAfter());
    client.put("clockOffsetMs", seen.clock().path("offsetMs").asDouble());
    client.put("clockUncertaintyMs", seen.clock().path("offsetUncertaintyMs").asDouble());
    return client;
  }

  private static Map<String, Object> notice(Notice notice) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("from", notice.from());
    map.put("event", notice.event());
    map.put("text", notice.text());
    return map;
  }

  static void write(Path file, Map<String, Object> figures) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(figures) + "\n");
  }
}
