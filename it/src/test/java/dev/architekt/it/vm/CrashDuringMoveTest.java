package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.lab.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code kill -9} of each process of either side at each phase of a move, under load. One side is
 * stopped at a named point (fault injection: {@code ARCHITEKT_STOP_AT}), the victim is killed, the
 * stop ends. Afterwards exactly one host runs the VM, no acknowledged write is lost, and no byte of
 * it is wrong; only a hypervisor that dies while it alone has the processor's state takes the VM
 * with it, and then both sides say so and end.
 */
@Tag("vm")
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CrashDuringMoveTest {
  @BeforeAll
  static void packageTheGuest() throws Exception {
    ProofPackage.get();
  }

  private static final Duration SOON = Duration.ofSeconds(60);

  /** Where the move is when the victim dies: which side is stopped, and at which step. */
  enum Phase {
    PREPARE("destination.PREPARE.after"),
    COPYING("source.COLLECT.before"),
    SWITCHING("source.SAVE_STATE.after"),
    GRANTED("source.PERSIST.after"),
    ACCEPTING("destination.PERSIST.before"),
    ACCEPTED("destination.PERSIST.after"),
    SERVING("destination.AFTER_RESUME.before");

    final String point;

    Phase(String point) {
      this.point = point;
    }

    boolean stopsSource() {
      return point.startsWith("source");
    }

    /** Before it the source alone may run the VM, after it the destination alone. */
    boolean accepted() {
      return this == ACCEPTED || this == SERVING;
    }

    boolean granted() {
      return accepted() || this == GRANTED || this == ACCEPTING;
    }
  }

  /** Who dies. */
  enum Victim {
    SOURCE_PEER,
    DESTINATION_PEER,
    SOURCE_MACHINE,
    DESTINATION_MACHINE;

    boolean isPeer() {
      return this == SOURCE_PEER || this == DESTINATION_PEER;
    }
  }

  record Crash(Phase phase, Victim victim) {
    /** The processor's state dies with the only process that has it. */
    boolean takesTheVmWithIt() {
      return victim == Victim.SOURCE_MACHINE && !phase.granted()
          || victim == Victim.DESTINATION_MACHINE && phase.accepted();
    }

    @Override
    public String toString() {
      return phase + ", " + victim;
    }
  }

  static Stream<Crash> some() {
    return Stream.of(
        new Crash(Phase.SWITCHING, Victim.SOURCE_PEER),
        new Crash(Phase.GRANTED, Victim.SOURCE_PEER),
        new Crash(Phase.ACCEPTED, Victim.DESTINATION_PEER));
  }

  static Stream<Crash> all() {
    List<Crash> all = new ArrayList<>();
    for (Phase phase : Phase.values()) {
      for (Victim victim : Victim.values()) {
        all.add(new Crash(phase, victim));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("some")
  void endsWithExactlyOneRunningVm(Crash crash) throws Exception {
    Lab.run("crash", lab -> new Move(lab, crash).run());
  }

  @Tag("full")
  @ParameterizedTest
  @MethodSource("all")
  void endsWithExactlyOneRunningVmAtEachPhase(Crash crash) throws Exception {
    Lab.run("crash", lab -> new Move(lab, crash).run());
  }

  /** What was kept for the destination makes the VM again where it was. */
  @Test
  void aVmWhoseProcessDiedRunsAgainWhenTheDestinationDeclines() throws Exception {
    Lab.run(
        "crash", lab -> new Move(lab, new Crash(Phase.GRANTED, Victim.SOURCE_MACHINE)).decline());
  }

  /** One move and its crash. */
  private static final class Move {
    private final Lab lab;
    private final Crash crash;
    private final Role[] peers = new Role[3];
    private final long begin = System.nanoTime();

    Move(Lab lab, Crash crash) {
      this.lab = lab;
      this.crash = crash;
    }

    void run() throws Exception {
      lab.registry(1);
      Map<String, String> stop = Map.of("ARCHITEKT_STOP_AT", crash.phase().point);
      boolean source = crash.phase().stopsSource();
      peers[1] = lab.newInstance(1, source ? stop : Map.of());
      Clients clients = Clients.connect(lab, "L1");
      // Post-copy for the phases after the grant: then much is left to fetch when the crash comes.
      String strategy = crash.phase().granted() ? "post-copy" : "auto";
      peers[2] =
          lab.peer(2, source ? Map.of() : stop, "--raddr", lab.raddr(1), "--strategy", strategy);
      int stopped = source ? 1 : 2;
      Processes.awaitStopped(peers[stopped].pid(), SOON);

      long pid = pid(crash.victim());
      Processes.signal("KILL", pid);
      TimeUnit.MILLISECONDS.sleep(200);
      Processes.signal("CONT", peers[stopped].pid());
      String between = crash.victim().isPeer() ? afterAPeerDied() : "";

      if (crash.takesTheVmWithIt()) {
        requireHonestLoss();
        return;
      }
      awaitEndOfMove();
      int at = awaitOneRunning();
      clients.awaitCheckedOnceMore(SOON);
      assertThat(lab.runs(3 - at)).as("runs on host " + (3 - at) + " too").isFalse();
      clients.requireNothingNoticed();
      System.out.printf(
          "%s: the VM runs on host %d%s; %.1f s%n",
          crash, at, between, (System.nanoTime() - begin) / 1e9);
    }

    /** The source's machine and the destination die, and the destination comes back to decline. */
    void decline() throws Exception {
      lab.registry(1);
      peers[1] = lab.newInstance(1, Map.of("ARCHITEKT_STOP_AT", crash.phase().point));
      Clients clients = Clients.connect(lab, "L1");
      peers[2] = lab.peer(2, Map.of(), "--raddr", lab.raddr(1), "--strategy", "post-copy");
      Processes.awaitStopped(peers[1].pid(), SOON);
      Processes.signal("KILL", machine(1));
      Processes.signal("KILL", peers[2].pid());
      TimeUnit.MILLISECONDS.sleep(200);
      Processes.signal("CONT", peers[1].pid());
      TimeUnit.SECONDS.sleep(1);
      assertThat(lab.runs(1) || lab.runs(2)).as("runs before anybody has declined").isFalse();
      peers[2] = lab.peer(2, "--raddr", lab.raddr(1));
      awaitEndOfMove();
      int at = awaitOneRunning();
      assertThat(lab.said(peers[1], "restored")).as("made again on host 1").isTrue();
      clients.awaitCheckedOnceMore(SOON);
      clients.requireNothingNoticed();
      System.out.printf("made again on host 1, and runs on host %d%n", at);
    }

    private long pid(Victim victim) throws IOException {
      return switch (victim) {
        case SOURCE_PEER -> peers[1].pid();
        case DESTINATION_PEER -> peers[2].pid();
        case SOURCE_MACHINE -> machine(1);
        case DESTINATION_MACHINE -> machine(2);
      };
    }

    private long machine(int node) throws IOException {
      return lab.machine(node)
          .orElseThrow(() -> new IOException("no hypervisor is alive on host " + node));
    }

    /** What the survivor says alone; then the victim is started again on its directory. */
    private String afterAPeerDied() throws Exception {
      int dead = crash.victim() == Victim.SOURCE_PEER ? 1 : 2;
      int other = 3 - dead;
      TimeUnit.SECONDS.sleep(1);
      assertThat(lab.runs(1) && lab.runs(2))
          .as("both run while host " + dead + " is down")
          .isFalse();
      JsonNode status = lab.status(other);
      boolean sourceWaits = dead == 2 && crash.phase() == Phase.GRANTED;
      if (sourceWaits) {
        assertThat(lab.runs(1)).as("the source granted, and nobody has declined").isFalse();
        assertThat(status.path("deliveryUnknown").asBoolean()).as(status.toString()).isTrue();
      }
      // A source goes on with its VM; a destination is told again where it was to take one from.
      peers[dead] = dead == 1 ? lab.peer(1) : lab.peer(2, "--raddr", lab.raddr(1));
      return ", status of host " + other + " meanwhile: " + status.path("text").asText();
    }

    /**
     * The destination has the VM, all of it, or has given up; both sides have what they need for
     * it.
     */
    private void awaitEndOfMove() throws Exception {
      long end = System.nanoTime() + SOON.toNanos();
      while (peers[2].isAlive() && !lab.said(peers[2], "listening")) {
        if (System.nanoTime() > end) {
          throw new AssertionError(
              "the move does not end: status " + lab.status(1) + " and " + lab.status(2));
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }

    /** The host on which the VM runs, once it is one and stays one. */
    private int awaitOneRunning() throws Exception {
      long end = System.nanoTime() + SOON.toNanos();
      int same = 0;
      int last = 0;
      while (System.nanoTime() < end) {
        boolean one = lab.runs(1);
        boolean two = lab.runs(2);
        int at = one && !two ? 1 : two && !one ? 2 : 0;
        same = at != 0 && at == last ? same + 1 : 0;
        last = at;
        if (same >= 2) {
          return at;
        }
      }
      throw new AssertionError(
          "no single running VM within "
              + SOON
              + ": host 1 runs it: "
              + lab.runs(1)
              + ", host 2: "
              + lab.runs(2)
              + "; status "
              + lab.status(1)
              + " and "
              + lab.status(2));
    }

    private void requireHonestLoss() throws Exception {
      for (int node = 1; node <= 2; node++) {
        assertThat(peers[node].awaitEnd(SOON)).as("status of the peer on host " + node).isNotZero();
        String said = lab.events(peers[node]) + " " + peers[node].errorText();
        assertThat(said).as("what the peer on host " + node + " said").containsIgnoringCase("VM");
      }
      assertThat(lab.runs(1) || lab.runs(2)).as("anything runs").isFalse();
      assertThat(lab.leftByMachines()).isEmpty();
    }
  }
}
