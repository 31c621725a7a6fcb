package dev.architekt.hypervisor.qemu;

import static dev.architekt.hypervisor.qemu.TestMachines.awaitCounterOver;
import static dev.architekt.hypervisor.qemu.TestMachines.counter;
import static dev.architekt.hypervisor.qemu.TestMachines.descriptors;
import static dev.architekt.hypervisor.qemu.TestMachines.end;
import static dev.architekt.hypervisor.qemu.TestMachines.ram;
import static dev.architekt.hypervisor.qemu.TestMachines.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.hypervisor.GuestAgent;
import dev.architekt.hypervisor.GuestAgentException;
import dev.architekt.hypervisor.Hypervisor;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineException;
import dev.architekt.hypervisor.MachineState;
import dev.architekt.hypervisor.StateLoadException;
import dev.architekt.linux.Fd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One booted guest, used by all tests in turn: booting costs seconds. */
@Tag("vm")
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MachineLifeTest {
  private static final Hypervisor QEMU = Hypervisor.named("qemu");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir static Path folder;
  private static TestGuest.Boot boot;
  private static Fd ram;
  private static Machine machine;
  private static Machine incoming;

  @BeforeAll
  static void start() throws Exception {
    boot = TestGuest.files();
    ram = ram(folder.resolve("ram"));
    machine = QEMU.boot(spec("life", folder.resolve("m0"), boot), descriptors(ram));
    assertThat(machine.state()).isEqualTo(MachineState.PAUSED);
    machine.resume();
    awaitCounterOver(machine, 3);
  }

  @AfterAll
  static void stop() throws Exception {
    end(incoming);
    end(machine);
    ram.close();
  }

  @Test
  @Order(1)
  void runsWithoutRights() throws Exception {
    String status =
        Files.readString(Path.of("/proc/" + machine.record().process().pid() + "/status"));
    assertThat(status).containsPattern("Uid:\t65534\t65534\t65534\t65534");
    assertThat(status).containsPattern("CapEff:\t0000000000000000");
    assertThat(status).containsPattern("Seccomp:\t2");
  }

  @Test
  @Order(2)
  void leadsItsOwnSession() throws Exception {
    String pid = Long.toString(machine.record().process().pid());
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    assertThat(fields[2]).as("process group").isEqualTo(pid);
    assertThat(fields[3]).as("session").isEqualTo(pid);
  }

  @Test
  @Order(3)
  void pausedGuestStandsStillAndItsAgentIsNotWrittenTo() throws Exception {
    machine.agent().ping(LIMIT);
    machine.pause();
    assertThat(machine.state()).isEqualTo(MachineState.PAUSED);
    int before = counter(machine.console());
    assertThatThrownBy(() -> machine.agent().ping(Duration.ofSeconds(5)))
        .isInstanceOf(GuestAgentException.class)
        .hasMessageContaining("stands still");
    Thread.sleep(400);
    assertThat(counter(machine.console())).isEqualTo(before);
    machine.resume();
    awaitCounterOver(machine, before);
    machine.agent().ping(LIMIT);
  }

  @Test
  @Order(4)
  void agentRunsPrograms() throws Exception {
    GuestAgent.Result result =
        machine
            .agent()
            .run(List.of("/bin/busybox", "sh", "-c", "echo out; echo err >&2; exit 7"), LIMIT);
    assertThat(result).isEqualTo(new GuestAgent.Result(7, "out\n", "err\n"));
    assertThatThrownBy(() -> machine.agent().run(List.of("/bin/none"), LIMIT))
        .isInstanceOf(GuestAgentException.class)
        .hasMessageContaining("refused");
    machine.agent().ping(LIMIT);
  }

  @Test
  @Order(5)
  void clockGoesForwardAfterPauseAndNeverBack() throws Exception {
    machine.agent().stepClockForward(LIMIT);
    machine.pause();
    Thread.sleep(1500);
    machine.resume();
    Duration behind = machine.agent().stepClockForward(LIMIT);
    assertThat(behind).isBetween(Duration.ofMillis(1300), Duration.ofMillis(2500));
    assertThat(machine.agent().clockBehind(LIMIT))
        .isBetween(Duration.ofMillis(-50), Duration.ofMillis(50));

    machine.agent().run(List.of("/bin/date", "-u", "-s", "+100 seconds"), LIMIT);
    assertThat(machine.agent().stepClockForward(LIMIT)).isLessThan(Duration.ofSeconds(-99));
    assertThat(machine.agent().clockBehind(LIMIT)).isLessThan(Duration.ofSeconds(-99));
  }

  @Test
  @Order(6)
  void sourceGoesOnAfterCompletedSave() throws Exception {
    for (int i = 0; i < 3; i++) {
      machine.pause();
      ByteArrayOutputStream state = new ByteArrayOutputStream();
      machine.saveState(Channels.newChannel(state));
      assertThat(state.size()).isBetween(10_000, 2 << 20);
      assertThat(machine.state()).isEqualTo(MachineState.PAUSED);
      int before = counter(machine.console());
      machine.resume();
      awaitCounterOver(machine, before);
    }
  }

  @Test
  @Order(7)
  void sourceGoesOnAfterTheReceiverOfItsStateFails() throws Exception {
    machine.pause();
    assertThatThrownBy(() -> machine.saveState(new FailingChannel(100_000)))
        .hasMessageContaining("receiver is gone");
    assertThat(machine.state()).isEqualTo(MachineState.PAUSED);
    int before = counter(machine.console());
    machine.resume();
    awaitCounterOver(machine, before);
    machine.pause();
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    machine.saveState(Channels.newChannel(state));
    assertThat(state.size()).isGreaterThan(10_000);
    machine.resume();
  }

  @Test
  @Order(8)
  void damagedStateIsRefusedAndTheSourceGoesOn() throws Exception {
    machine.pause();
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    machine.saveState(Channels.newChannel(state));
    byte[] garbage = new byte[100_000];
    new Random(1).nextBytes(garbage);
    byte[] cut = java.util.Arrays.copyOf(state.toByteArray(), state.size() / 2);
    for (byte[] damaged : List.of(garbage, cut, new byte[0])) {
      // RAM of its own: what a failed load does to memory must not hurt the source.
      try (Fd other = ram(folder.resolve("ram-other"))) {
        Machine target =
            QEMU.prepareIncoming(
                spec("damaged", folder.resolve("m-damaged"), boot), descriptors(other));
        try {
          assertThatThrownBy(
                  () -> target.loadState(Channels.newChannel(new ByteArrayInputStream(damaged))))
              .isInstanceOf(StateLoadException.class)
              .hasMessageContaining("could not be loaded");
        } finally {
          end(target);
        }
      }
    }
    int before = counter(machine.console());
    machine.resume();
    awaitCounterOver(machine, before);
  }

  @Test
  @Order(9)
  void statesThatDoNotFitTheCallAreRefused() throws Exception {
    assertThatThrownBy(() -> machine.saveState(new FailingChannel(0)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("while it is RUNNING");
    assertThatThrownBy(
            () -> machine.loadState(Channels.newChannel(new ByteArrayInputStream(new byte[0]))))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("while it is RUNNING");
    assertThatThrownBy(() -> QEMU.boot(spec("twice", folder.resolve("m0"), boot), descriptors(ram)))
        .hasMessageContaining("already runs");
  }

  @Test
  @Order(10)
  void machineMovesManyTimesAndCountsOn() throws Exception {
    StringBuilder figures = new StringBuilder();
    for (int hop = 1; hop <= 8; hop++) {
      Machine target =
          QEMU.prepareIncoming(spec("life", folder.resolve("m" + hop), boot), descriptors(ram));
      Machine source = machine;
      incoming = target;
      assertThat(target.state()).isEqualTo(MachineState.INCOMING);
      long t0 = System.nanoTime();
      machine.pause();
      long t1 = System.nanoTime();
      ByteArrayOutputStream state = new ByteArrayOutputStream();
      machine.saveState(Channels.newChannel(state));
      long t2 = System.nanoTime();
      target.loadState(Channels.newChannel(new ByteArrayInputStream(state.toByteArray())));
      long t3 = System.nanoTime();
      assertThat(target.state()).isEqualTo(MachineState.PAUSED);
      int before = counter(machine.console());
      target.resume();
      long t4 = System.nanoTime();
      figures.append(
          String.format(
              "pause %.1f save %.1f load %.1f resume %.1f ms, %d bytes%n",
              (t1 - t0) / 1e6, (t2 - t1) / 1e6, (t3 - t2) / 1e6, (t4 - t3) / 1e6, state.size()));
      incoming = null;
      machine = target;
      end(source);
      assertThat(awaitCounterOver(machine, before)).isLessThan(before + 100);
      machine.agent().stepClockForward(LIMIT);
      figures.append(String.format("first agent answer %.1f ms%n", (System.nanoTime() - t4) / 1e6));
    }
    System.out.print(figures);
  }

  @Test
  @Order(11)
  void silentQemuIsNotDeadAndItsEndIsSeen() throws Exception {
    long pid = machine.record().process().pid();
    TestGuest.run(folder, "kill", "-STOP", Long.toString(pid));
    assertThat(machine.isAlive()).isTrue();
    assertThat(machine.waitExit(Duration.ofMillis(200))).isFalse();
    java.util.concurrent.CompletableFuture<Object> exit =
        new java.util.concurrent.CompletableFuture<>();
    machine.onEvent(event -> {
      if (event instanceof dev.architekt.hypervisor.MachineEvent.Exit e) {
        exit.complete(e.how());
      }
    });
    machine.kill();
    assertThat(machine.waitExit(Duration.ofSeconds(10))).isTrue();
    assertThat(machine.isAlive()).isFalse();
    assertThat(machine.state()).isEqualTo(MachineState.DEAD);
    assertThat(exit.get(5, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo("signal 9");
    assertThatThrownBy(machine::pause).hasMessageContaining("signal 9");
  }
}
