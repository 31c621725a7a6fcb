package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.cli.lab.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What dies with what: {@code kill -9} of the peer, of the hypervisor, of both, under load. */
@Tag("vm")
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessDeathTest {
  @BeforeAll
  static void packageTheGuest() throws Exception {
    ProofPackage.get();
  }

  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  void aKilledPeerIsStartedAgainAndTheSameConnectionsGoOn() throws Exception {
    Lab.run(
        "death",
        lab -> {
          lab.registry(1);
          Role peer = lab.newInstance(1);
          Clients clients = Clients.connect(lab, "L1");
          long machine = lab.machine(1).orElseThrow();
          for (int kill = 0; kill < 3; kill++) {
            // The guest writes to its disk and dirties its RAM all the time, so that each kill
            // falls
            // into the middle of writes.
            TimeUnit.MILLISECONDS.sleep(700 + 331 * kill);
            Processes.signal("KILL", peer.pid());
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(lab.machine(1)).as("the VM outlives its peer").contains(machine);
            peer = lab.peer(1);
            assertThat(peer.await("adopting", SOON).path("pid").asLong()).isEqualTo(machine);
            peer.await("listening", SOON);
            clients.acknowledged();
            TimeUnit.SECONDS.sleep(1);
            assertThat(clients.acknowledged()).as("writes a second after the kill").isPositive();
          }
          // From here on what the checker reads of RAM and disk comes from below the kernel's
          // caches
          // where they can be dropped, and was written before, between and after the kills.
          Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3\n", StandardCharsets.US_ASCII);
          clients.awaitCheckedOnceMore(Duration.ofSeconds(120));
          Clients.Seen seen = clients.requireNothingNoticed();
          System.out.println("three kills of the peer: " + seen.load());
        });
  }

  @Test
  void aPeerThatIsKilledWhileItFetchesGoesOnFetching() throws Exception {
    Lab.run(
        "fetch",
        lab -> {
          lab.registry(1);
          // On the other host, behind a slow line, so that there is something left to fetch.
          lab.slow(2, "60mbit");
          Role peer =
              lab.peer(
                  2,
                  "--raddr",
                  lab.topology().nodeAddress(1) + ":1337",
                  "--address",
                  "10.77.0.50/24");
          // "running" comes once the guest is an instance of its own: on this line the rest of the
          // package may be here by then.
          awaitRunning(lab.state(2).resolve("authority"));
          TimeUnit.SECONDS.sleep(1);
          long machine = lab.machine(2).orElseThrow();
          Processes.signal("KILL", peer.pid());
          TimeUnit.MILLISECONDS.sleep(500);
          assertThat(lab.said(peer, "complete")).isFalse();
          Role next = lab.peer(2);
          next.await("fetching", SOON);
          next.await("complete", Duration.ofSeconds(120));
          Clients clients = Clients.connect(lab, "L1");
          clients.awaitCheckedOnceMore(Duration.ofSeconds(120));
          assertThat(lab.machine(2)).contains(machine);
          clients.requireNothingNoticed();
        });
  }

  /** Until the record says so: the guest is about to be let run. */
  private static void awaitRunning(Path authority) throws Exception {
    long end = System.nanoTime() + SOON.toNanos();
    while (!Files.exists(authority)
        || !Files.readString(authority, StandardCharsets.ISO_8859_1).contains("RUNNING")) {
      assertThat(System.nanoTime()).as("no authority in " + authority).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void whatIsLeftWhenBothAreKilledTheNextStartRemoves() throws Exception {
    killsBoth("peer first");
  }

  @Tag("full")
  @Test
  void whatIsLeftWhenTheHypervisorIsKilledFirstTheNextStartRemovesToo() throws Exception {
    killsBoth("hypervisor first");
  }

  private static void killsBoth(String order) throws Exception {
    Lab.run(
        "both",
        lab -> {
          Role registry = lab.registry(1);
          Role peer = lab.newInstance(1);
          Clients.connect(lab, "L1");
          TimeUnit.SECONDS.sleep(1);
          long machine = lab.machine(1).orElseThrow();
          boolean peerFirst = order.equals("peer first");
          Processes.signal("KILL", peerFirst ? peer.pid() : machine);
          Processes.signal("KILL", peerFirst ? machine : peer.pid());

          Role next = lab.peer(1);
          assertThat(next.awaitEnd(SOON)).as("nothing to go on with").isEqualTo(1);
          assertThat(next.errorText()).contains("--raddr");
          assertThat(lab.said(next, "machine-lost")).isTrue();
          assertThat(Processes.awaitEnd(machine, Duration.ofSeconds(5))).isTrue();
          assertThat(lab.leftByMachines()).isEmpty();

          // And the directory is as good as new.
          lab.newInstance(1);
          assertThat(lab.checker(SOON).path("errors").asLong(-1)).isZero();
          assertThat(registry.isAlive()).isTrue();
        });
  }

  @Test
  void aPeerWhoseHypervisorIsKilledSaysSoAndLeavesNothing() throws Exception {
    Lab.run(
        "qemu",
        lab -> {
          lab.registry(1);
          Role peer = lab.newInstance(1);
          Processes.signal("KILL", lab.machine(1).orElseThrow());
          assertThat(peer.awaitEnd(SOON)).isEqualTo(1);
          assertThat(lab.leftByMachines()).isEmpty();
          requireMessage(lab, peer);
        });
  }

  private static void requireMessage(Lab lab, Role peer) throws IOException {
    String said = lab.events(peer) + peer.errorText();
    assertThat(said).containsIgnoringCase("VM");
    System.out.println("the peer whose hypervisor was killed: " + said);
  }
}
