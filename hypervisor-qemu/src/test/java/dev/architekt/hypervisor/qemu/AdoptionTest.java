package dev.architekt.hypervisor.qemu;

import static dev.architekt.hypervisor.qemu.TestMachines.awaitCounterOver;
import static dev.architekt.hypervisor.qemu.TestMachines.counter;
import static dev.architekt.hypervisor.qemu.TestMachines.end;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.hypervisor.Descriptors;
import dev.architekt.hypervisor.Hypervisor;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineGoneException;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.hypervisor.MachineState;
import dev.architekt.hypervisor.StateLoadException;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Pidfd;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("vm")
@Timeout(120)
class AdoptionTest {
  private static final Hypervisor QEMU = Hypervisor.named("qemu");

  @TempDir Path folder;

  @Test
  void machineOutlivesItsJvmAndIsAdopted() throws Exception {
    TestGuest.Boot boot = TestGuest.files();
    Path home = folder.resolve("m");
    Process jvm = startBooter(boot, home);
    Machine machine = null;
    try {
      MachineRecord record = QEMU.find(home).orElseThrow();
      assertThat(record.descriptors()).containsKeys(Descriptors.RAM, Descriptors.FUSE);

      // Ctrl-C in the JVM's terminal goes to its process group.
      TestGuest.run(folder, "kill", "-INT", "--", "-" + jvm.pid());
      assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(QEMU.find(home)).contains(record);
      int before = counter(home.resolve("console.log"));

      machine = QEMU.adopt(record);
      assertThat(machine.state()).isEqualTo(MachineState.RUNNING);
      awaitCounterOver(machine, before);
      machine.agent().ping(Duration.ofSeconds(30));
      machine.pause();
      machine.resume();

      // What the dead JVM had open is fetched from the process that held it.
      try (Pidfd process = record.process().open().orElseThrow();
          Fd held = process.descriptor(record.descriptors().get(Descriptors.FUSE))) {
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + held.number())))
            .isEqualTo(Path.of("/dev/null"));
      }

      machine.kill();
      assertThat(machine.waitExit(Duration.ofSeconds(10)))
          .as("end of a process that is no child")
          .isTrue();
      assertThat(machine.state()).isEqualTo(MachineState.DEAD);
      assertThatThrownBy(() -> QEMU.adopt(record)).isInstanceOf(MachineGoneException.class);
      assertThat(QEMU.find(home)).isEmpty();
    } finally {
      jvm.destroyForcibly();
      end(machine);
    }
  }

  @Test
  void machineIsFoundAfterKillBeforeItsRecordWasStored() throws Exception {
    TestGuest.Boot boot = TestGuest.files();
    Path home = folder.resolve("m");
    Process jvm = startBooter(boot, home);
    Machine machine = null;
    try {
      jvm.destroyForcibly().waitFor();
      MachineRecord whole = QEMU.find(home).orElseThrow();
      try (RunFolder run = RunFolder.open(home)) {
        run.store(
            new MachineRecord(
                whole.hypervisor(),
                whole.name(),
                whole.uuid(),
                Orphans.NOT_YET,
                whole.directory(),
                whole.memoryBytes(),
                whole.descriptors()));
      }
      assertThat(QEMU.find(home)).contains(whole);
      machine = QEMU.adopt(whole);
      awaitCounterOver(machine, counter(machine.console()));
    } finally {
      jvm.destroyForcibly();
      end(machine);
    }
  }

  @Test
  void machineThatDoesNotRunYetIsAdoptedAsWhatItIs() throws Exception {
    TestGuest.Boot boot = TestGuest.files();
    try (Fd ram = TestMachines.ram(folder.resolve("ram"))) {
      Descriptors descriptors = TestMachines.descriptors(ram);
      Machine booted =
          QEMU.boot(TestMachines.spec("early", folder.resolve("b"), boot), descriptors);
      booted.close();
      booted = QEMU.adopt(booted.record());
      assertThat(booted.state()).isEqualTo(MachineState.PAUSED);
      end(booted);

      Machine target =
          QEMU.prepareIncoming(TestMachines.spec("early", folder.resolve("t"), boot), descriptors);
      target.close();
      target = QEMU.adopt(target.record());
      assertThat(target.state()).isEqualTo(MachineState.INCOMING);
      Machine adopted = target;
      assertThatThrownBy(
              () -> adopted.loadState(Channels.newChannel(new ByteArrayInputStream(new byte[9]))))
          .isInstanceOf(StateLoadException.class);
      end(adopted);
    }
  }

  /** A JVM of its own, leading a process group, that boots a machine and then sleeps. */
  private Process startBooter(TestGuest.Boot boot, Path home) throws Exception {
    String modules = System.getProperty("jdk.module.path", "");
    String classes = System.getProperty("java.class.path", "");
    Process jvm =
        new ProcessBuilder(
                List.of(
                    "setsid",
                    "--wait",
                    System.getProperty("java.home") + "/bin/java",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    modules + File.pathSeparator + classes + File.pathSeparator + testClasses(),
                    Booter.class.getName(),
                    home.toString(),
                    boot.kernel().toString(),
                    boot.initramfs().toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = new BufferedReader(new InputStreamReader(jvm.getInputStream()));
    assertThat(out.readLine()).isEqualTo("running");
    return jvm;
  }

  private static String testClasses() throws Exception {
    Path main =
        Path.of(QemuHypervisor.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    return main.resolveSibling("test-classes") + File.pathSeparator + main;
  }

  /** The program of that JVM. */
  static final class Booter {
    public static void main(String[] arguments) throws Exception {
      Path home = Path.of(arguments[0]);
      TestGuest.Boot boot = new TestGuest.Boot(Path.of(arguments[1]), Path.of(arguments[2]));
      Fd ram = TestMachines.ram(home.resolveSibling("ram"));
      Fd held = Fd.open("/dev/null", Fd.O_RDWR, 0);
      Machine machine =
          QEMU.boot(
              TestMachines.spec("orphan", home, boot),
              new Descriptors(
                  ram, java.util.Optional.empty(), java.util.Map.of(Descriptors.FUSE, held)));
      machine.resume();
      awaitCounterOver(machine, 2);
      System.out.println("running");
      Thread.sleep(Duration.ofMinutes(2));
    }
  }
}
