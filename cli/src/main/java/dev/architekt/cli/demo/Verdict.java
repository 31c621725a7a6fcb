package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was seen from outside, and whether it is what was promised. */
public final class Verdict {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final List<HopResult> hops;
  private final JsonNode gap;
  private final JsonNode load;
  private final JsonNode clock;
  private final JsonNode verified;

  Verdict(List<HopResult> hops, JsonNode gap, JsonNode load, JsonNode clock, JsonNode verified) {
    this.hops = List.copyOf(hops);
    this.gap = gap;
    this.load = load;
    this.clock = clock;
    this.verified = verified;
  }

  private long sum(String field) {
    return gap.path(field).asLong() + load.path(field).asLong();
  }

  /** Each promise that was not kept, in words; empty when all were. */
  public List<String> broken() {
    List<String> broken = new ArrayList<>();
    require(broken, sum("reconnects") == 0, "connections were lost: " + sum("reconnects"));
    require(broken, sum("errors") == 0, "requests failed: " + sum("errors"));
    require(
        broken,
        verified.path("lostWrites").asLong(-1) == 0,
        "acknowledged writes lost: " + verified.path("lostWrites"));
    for (JsonNode probe : List.of(gap, load)) {
      require(
          broken,
          probe.path("socketsAtStart").equals(probe.path("socketsAtEnd")),
          "sockets changed: " + probe.path("socketsAtStart") + " to " + probe.path("socketsAtEnd"));
      require(broken, probe.path("resets").asLong() == 0, "the kernel counted resets");
    }
    require(
        broken,
        clock.path("bootIds").size() <= 1,
        "the guest has rebooted: " + clock.path("bootIds"));
    require(broken, clock.path("backwardSteps").asLong() == 0, "the guest's clock went back");
    return broken;
  }

  private static void require(List<String> broken, boolean holds, String text) {
    if (!holds) {
      broken.add(text);
    }
  }

  public void print(PrintStream out) {
    out.println();
    out.println(
        "from    to       gap ms  idle ms  pause ms  total ms  on wire MB  rounds  on demand");
    for (HopResult hop : hops) {
      out.printf(
          Locale.ROOT,
          "%-7s %-7s %7.1f  %7.1f  %8.1f  %8.0f  %10.1f  %6d  %9d%n",
          hop.from(),
          hop.to(),
          hop.clientGapMs(),
          hop.idleGapMs(),
          hop.pauseMs(),
          hop.totalMs(),
          hop.bytesOnWire() / 1e6,
          hop.rounds(),
          hop.chunksOnDemand());
    }
    out.println();
    out.printf(
        "%d writes acknowledged, %s lost; %d errors, %d lost connections; guest's clock %s ms off%n",
        load.path("acknowledgedWrites").asLong(),
        verified.path("lostWrites").asText("?"),
        sum("errors"),
        sum("reconnects"),
        clock.path("offsetMs").asText("?"));
  }

  public void write(Path file) throws IOException {
    Map<String, Object> client = new LinkedHashMap<>();
    client.put("requests", sum("requests"));
    client.put("acknowledgedWrites", load.path("acknowledgedWrites").asLong());
    client.put("errors", sum("errors"));
    client.put("reconnects", sum("reconnects"));
    client.put("lostWrites", verified.path("lostWrites").asLong(-1));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("hops", hops);
    all.put("client", client);
    all.put("broken", broken());
    all.put("probes", Map.of("gap", gap, "load", load, "clock", clock, "verified", verified));
    JSON.writeValue(file.toFile(), all);
  }
}
