package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.lab.Role;
import java.io.IOException;
import java.time.Duration;

/**
 * The clients of a lab's VM, each a process of its own: one that writes to Redis and keeps a
 * journal, one that asks for the guest's boot id and clock; and the guest's own checker of RAM and
 * disk.
 */
final class Clients {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(300);

  private final Lab lab;
  private final Role load;
  private final Role clock;
  private final JsonNode first;

  private Clients(Lab lab, String profile) throws IOException, InterruptedException {
    this.lab = lab;
    this.load = lab.probe("load", profile, Lab.REDIS, "1");
    this.clock = lab.probe("clock", Lab.STATUS);
    this.first = lab.checker(SOON);
  }

  /**
   * Connects them.
   *
   * @param profile L1 or L2
   */
  static Clients connect(Lab lab, String profile) throws IOException, InterruptedException {
    return new Clients(lab, profile);
  }

  /** Writes that Redis has acknowledged since the last call. */
  long acknowledged() throws IOException, InterruptedException {
    JsonNode window = load.ask("{\"command\":\"mark\",\"label\":\"more\"}", "window", SOON);
    requireNoReset(window);
    return window.path("answers").asLong();
  }

  /**
   * Waits until the guest's checker has been through all of its RAM and its file once more. Every
   * other visit follows the order of addresses.
   */
  void awaitCheckedOnceMore(Duration limit) throws IOException, InterruptedException {
    JsonNode begin = lab.checker(SOON);
    long pages = begin.path("checked").asLong() + 2 * begin.path("pages").asLong();
    long blocks = begin.path("diskChecked").asLong() + 2 * begin.path("diskBlocks").asLong();
    long end = System.nanoTime() + limit.toNanos();
    JsonNode now = begin;
    while (now.path("checked").asLong() < pages || now.path("diskChecked").asLong() < blocks) {
      if (System.nanoTime() > end) {
        throw new IOException("no whole check within " + limit + ": " + begin + ", then " + now);
      }
      Thread.sleep(100);
      now = lab.checker(SOON);
    }
  }

  /** What they have seen at the end. */
  record Seen(JsonNode load, JsonNode clock, JsonNode verified, JsonNode checker) {}

  /**
   * Ends the load, reads every key back, and demands: the same sockets, no reset, no acknowledged
   * write lost, the same boot, a clock that never went back, no wrong byte in RAM or on the disk.
   */
  Seen requireNothingNoticed() throws IOException, InterruptedException {
    Seen seen = requireNothingNoticedBesideOthers();
    requireNoReset(seen.load().path("window"));
    return seen;
  }

  /** As above, where others' connections begin and end in the client's namespace too. */
  Seen requireNothingNoticedBesideOthers() throws IOException, InterruptedException {
    JsonNode loadEnd = load.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode clockEnd = clock.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode verified = load.ask("{\"command\":\"verify\"}", "verified", LONG);
    JsonNode checked = lab.checker(SOON);
    assertThat(loadEnd.path("socketsAtEnd")).isEqualTo(loadEnd.path("socketsAtStart"));
    assertThat(loadEnd.path("reconnects").asLong(-1)).as(loadEnd.toString()).isZero();
    assertThat(loadEnd.path("errors").asLong(-1)).as(loadEnd.toString()).isZero();
    assertThat(loadEnd.path("acknowledgedWrites").asLong()).isPositive();
    assertThat(verified.path("keysChecked").asLong()).isPositive();
    assertThat(verified.path("lostWrites").asLong(-1)).as(verified.toString()).isZero();
    assertThat(clockEnd.path("bootIds").size()).as(clockEnd.toString()).isEqualTo(1);
    assertThat(clockEnd.path("backwardSteps").asLong(-1)).as(clockEnd.toString()).isZero();
    requireSameGuest(checked);
    return new Seen(loadEnd, clockEnd, verified, checked);
  }

  /** By the kernel's count, in the client's own namespace. */
  private static void requireNoReset(JsonNode window) {
    assertThat(window.path("resets").asLong(-1)).as("resets in " + window).isZero();
  }

  /** The guest is the one it was, and its checker has found nothing. */
  void requireSameGuest(JsonNode checked) {
    assertThat(checked.path("bootId")).isEqualTo(first.path("bootId"));
    assertThat(checked.path("errors").asLong(-1)).as(checked.toString()).isZero();
    assertThat(checked.path("diskErrors").asLong(-1)).as(checked.toString()).isZero();
    assertThat(checked.path("clockBack").asLong(-1)).as(checked.toString()).isZero();
    assertThat(checked.path("checked").asLong()).isGreaterThan(first.path("checked").asLong());
  }
}
