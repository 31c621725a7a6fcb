package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A guest that keeps a changing, known pattern over most of its RAM and a file on its disk, and
 * checks it all the time, moves back and forth while a client writes to its Redis: no wrong byte,
 * no lost write, a clock that keeps near the host's and never goes back; with the QEMU of Debian 12
 * and with QEMU 10.
 */
@Tag("vm")
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EveryByteTest {
  @BeforeAll
  static void packageTheGuest() throws Exception {
    ProofPackage.get();
  }

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(180);
  private static final double CLOCK_MS_MAX = 50;
  private static final int HOPS = 8;
  private static final int HOPS_FULL = 50;

  @ParameterizedTest
  @ValueSource(strings = {"7.2", "10.0"})
  void noByteIsWrongAfterManyHops(String qemu) throws Exception {
    hop(qemu, HOPS);
  }

  @Tag("full")
  @ParameterizedTest
  @ValueSource(strings = {"7.2", "10.0"})
  void noByteIsWrongAfterFiftyHops(String qemu) throws Exception {
    hop(qemu, HOPS_FULL);
  }

  private static void hop(String qemu, int hops) throws Exception {
    String binary = qemu.equals("7.2") ? "qemu-system-x86_64" : newQemu();
    Lab.run(
        "byte",
        lab -> {
          lab.registry(1);
          Role peer = lab.newInstance(1, "--qemu-bin", binary);
          Clients clients = Clients.connect(lab, "L1");
          int at = 1;
          for (int hop = 1; hop <= hops; hop++) {
            int to = 3 - at;
            Role next = lab.peer(to, "--raddr", lab.raddr(at), "--qemu-bin", binary);
            JsonNode report = next.await("report", LONG);
            next.await("listening", SOON);
            assertThat(peer.awaitEnd(SOON)).as("status of the peer that handed over").isZero();
            JsonNode checked = lab.checker(SOON);
            clients.requireSameGuest(checked);
            print(qemu, hop, report, checked);
            peer = next;
            at = to;
          }
          clients.awaitCheckedOnceMore(LONG);
          Clients.Seen seen = clients.requireNothingNoticed();
          double offset = seen.clock().path("offsetMs").asDouble(Double.NaN);
          double blur = seen.clock().path("offsetUncertaintyMs").asDouble();
          System.out.printf(
              Locale.ROOT,
              "QEMU %s, %d hops: no wrong byte in %d pages checked and %d blocks; clock %.1f ms off"
                  + " (give or take %.1f)%n",
              qemu,
              hops,
              seen.checker().path("checked").asLong(),
              seen.checker().path("diskChecked").asLong(),
              offset,
              blur);
          assertThat(Math.abs(offset) - blur).as("the guest's clock, ms").isLessThan(CLOCK_MS_MAX);
        });
  }

  private static void print(String qemu, int hop, JsonNode report, JsonNode checked) {
    System.out.printf(
        Locale.ROOT,
        "QEMU %s hop %d: paused %.1f ms of %.0f, %d rounds, %d pages left behind; %d pages checked%n",
        qemu,
        hop,
        report.path("pauseMs").asDouble(),
        report.path("totalMs").asDouble(),
        report.path("rounds").asInt(),
        report.path("pagesStale").asLong(),
        checked.path("checked").asLong());
  }

  /** The path of a QEMU 10; fetched once into the build folder. */
  private static String newQemu() throws IOException, InterruptedException {
    String script = GuestPrograms.projectRoot().resolve("scripts/qemu10.sh").toString();
    return Shell.run(Duration.ofMinutes(5), List.of(script)).lines().toList().getLast();
  }
}
