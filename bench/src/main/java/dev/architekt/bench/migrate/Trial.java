package dev.architekt.bench.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.bench.lab.Rig;
import dev.architekt.probe.ProbeProcess;
import java.io.IOException;

/** One hop of one engine: load for a fixed time, the move, and what the client saw of it. */
final class Trial {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SETTLE_MILLIS = 1_000;
  private static final long AFTERWARDS_MILLIS = 1_500;

  private final Rig rig;
  private final String load;
  private final long loadMillis;
  private long seed;

  /**
   * @param load L1 or L2
   * @param loadMillis how long before each move, at least 2,000
   */
  Trial(Rig rig, String load, long loadMillis) {
    this.rig = rig;
    this.load = load;
    this.loadMillis = loadMillis;
  }

  /**
   * @param verify whether the acknowledged writes are read back afterwards
   * @throws IOException also when a connection broke or a write was lost: such figures mean nothing
   */
  Hop run(Engine engine, String variant, boolean verify) throws IOException, InterruptedException {
    engine.thaw();
    Hop hop = observe(engine, variant, verify);
    engine.freeze();
    return hop;
  }

  private Hop observe(Engine engine, String variant, boolean verify)
      throws IOException, InterruptedException {
    String redis = engine.address() + ":6379";
    ProbeProcess gap = rig.probe(true, "gap", redis);
    ProbeProcess writer = rig.probe(false, "load", load, redis, Long.toString(++seed));
    try {
      Thread.sleep(SETTLE_MILLIS);
      gap.mark("idle");
      writer.mark("idle");
      Thread.sleep(loadMillis - SETTLE_MILLIS);
      JsonNode idle = JSON.readTree(gap.mark("move"));
      JsonNode before = JSON.readTree(writer.mark("move"));
      Engine.Move move = engine.move();
      Thread.sleep(AFTERWARDS_MILLIS);
      JsonNode window = JSON.readTree(gap.mark("after"));
      JsonNode writes = JSON.readTree(writer.mark("after"));
      require(gap, writer, verify, engine);
      return new Hop(
          engine.name(),
          variant,
          window.path("gapMs").asDouble(),
          idle.path("gapMs").asDouble(),
          move.pauseMs(),
          move.totalMs(),
          move.startMs(),
          move.bytes(),
          move.toEmpty(),
          before.path("answersPerSecond").asDouble(),
          // The kernel counts for the whole namespace, so that either probe sees both.
          window.path("retransmits").asLong(),
          writes.path("timeouts").asLong(),
          window.path("ownDelayMs").asDouble(),
          move.remark());
    } finally {
      rig.end(gap);
      rig.end(writer);
    }
  }

  private void require(ProbeProcess gap, ProbeProcess writer, boolean verify, Engine engine)
      throws IOException, InterruptedException {
    for (ProbeProcess probe : new ProbeProcess[] {gap, writer}) {
      JsonNode end = JSON.readTree(probe.stop());
      if (end.path("reconnects").asLong() != 0 || end.path("errors").asLong() != 0) {
        throw new IOException(
            "a client of " + engine.name() + " was not answered as it should: " + end);
      }
    }
    if (verify) {
      JsonNode verified = JSON.readTree(writer.verify("redis-cli", engine.address() + ":6379"));
      if (verified.path("lostWrites").asLong(-1) != 0) {
        throw new IOException(
            "acknowledged writes were lost by " + engine.name() + ": " + verified);
      }
    }
  }
}
