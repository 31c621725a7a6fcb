package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether what was promised holds. What was not seen is not taken for granted: a probe that says
 * nothing breaks a promise too.
 */
final class Verdict {
  private static final double CLOCK_OFFSET_MAX_MS = 50;

  private final Evidence seen;
  private final List<String> broken = new ArrayList<>();

  private Verdict(Evidence seen) {
    this.seen = seen;
  }

  /** Each promise that was not kept, in words; empty when all were. */
  static List<String> broken(Evidence seen) {
    Verdict verdict = new Verdict(seen);
    verdict.hops();
    verdict.connections();
    verdict.writes();
    verdict.guest();
    return List.copyOf(verdict.broken);
  }

  private void hops() {
    require(
        seen.hops().size() == seen.hopsAsked(),
        seen.hops().size() + " hops were made, " + seen.hopsAsked() + " were asked for");
  }

  private void connections() {
    require(!seen.socketsBefore().isEmpty(), "the kernel listed no connection of the clients");
    require(
        seen.socketsBefore().equals(seen.socketsAfter()),
        "the clients' sockets (port/inode) were "
            + seen.socketsBefore()
            + " before and "
            + seen.socketsAfter()
            + " after");
    require(same(seen.gap(), "socketAtStart", "socketAtEnd"), "the gap probe's socket changed");
    require(same(seen.load(), "socketsAtStart", "socketsAtEnd"), "the load's sockets changed");
    require(seen.resets() == 0, "the kernel counted " + seen.resets() + " resets");
    for (JsonNode probe : seen.probes()) {
      require(probe.path("requests").asLong() > 0, "a client sent no request");
      require(
          probe.path("reconnects").asLong(-1) == 0,
          "connections were lost: "
              + probe.path("reconnects")
              + ", first: "
              + probe.path("firstFailure").asText());
      require(
          probe.path("errors").asLong(-1) == 0,
          "requests failed: "
              + probe.path("errors")
              + ", first: "
              + probe.path("firstFailure").asText());
    }
  }

  private static boolean same(JsonNode probe, String before, String after) {
    JsonNode socket = probe.path(before);
    return !socket.isMissingNode() && !socket.isNull() && socket.equals(probe.path(after));
  }

  private void writes() {
    require(seen.load().path("acknowledgedWrites").asLong() > 0, "no write was acknowledged");
    require(seen.verified().path("keysChecked").asLong() > 0, "no key was read back");
    require(
        seen.verified().path("lostWrites").asLong(-1) == 0,
        "acknowledged writes lost: " + seen.verified().path("lostWrites"));
  }

  private void guest() {
    JsonNode boots = seen.clock().path("bootIds");
    require(boots.size() > 0, "the guest did not say its boot id");
    require(boots.size() <= 1, "the guest has rebooted: " + boots);
    require(
        seen.clock().path("backwardSteps").asLong(-1) == 0,
        "the guest's clock went back "
            + seen.clock().path("backwardSteps")
            + " times, by up to "
            + seen.clock().path("worstBackwardMs")
            + " ms");
    require(clockIsRight(seen.clock()), "the guest's clock is " + clockText(seen.clock()));
  }

  /** Within what was promised, as far as the measurement can tell. */
  static boolean clockIsRight(JsonNode clock) {
    double uncertainty = clock.path("offsetUncertaintyMs").asDouble(0);
    return clock.has("offsetMs")
        && Math.abs(clock.path("offsetMs").asDouble()) - uncertainty <= CLOCK_OFFSET_MAX_MS;
  }

  /** How far it is off, as in "its clock is …". */
  static String clockText(JsonNode clock) {
    return String.format(
        Locale.ROOT,
        "%+.1f ms off this host's (measured to ±%.1f ms)",
        clock.path("offsetMs").asDouble(),
        clock.path("offsetUncertaintyMs").asDouble());
  }

  private void require(boolean holds, String text) {
    if (!holds) {
      broken.add(text);
    }
  }
}
