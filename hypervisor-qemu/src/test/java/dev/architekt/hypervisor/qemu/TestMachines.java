package dev.architekt.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.hypervisor.Accelerator;
import dev.architekt.hypervisor.Descriptors;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineSpec;
import dev.architekt.hypervisor.Platform;
import dev.architekt.linux.Fd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Specs, RAM files and console counters for tests with real QEMUs. */
final class TestMachines {
  static final long MEMORY = 128L << 20;
  private static final Pattern TICK = Pattern.compile("tick (\\d+)\r?\n");

  private TestMachines() {}

  static MachineSpec spec(String name, Path folder, TestGuest.Boot boot) {
    return spec(name, folder, boot, List.of());
  }

  static MachineSpec spec(
      String name, Path folder, TestGuest.Boot boot, List<MachineSpec.Disk> disks) {
    return new MachineSpec(
        name,
        UUID.nameUUIDFromBytes(name.getBytes()),
        new Platform("pc-q35-7.2", "qemu64", 1, Accelerator.TCG),
        MEMORY,
        new MachineSpec.Boot(boot.kernel(), boot.initramfs(), "quiet"),
        Optional.empty(),
        disks,
        Path.of(System.getProperty("architekt.test.qemu", "/usr/bin/qemu-system-x86_64")),
        folder,
        Optional.of("nobody"));
  }

  /** A plain file as RAM; sparse. */
  static Fd ram(Path file) throws Exception {
    Fd ram = Fd.open(file.toString(), Fd.O_RDWR | Fd.O_CREAT, 0600);
    ram.truncate(MEMORY);
    return ram;
  }

  static Descriptors descriptors(Fd ram) {
    return new Descriptors(ram, Optional.empty(), Map.of());
  }

  /** The last number that the guest printed; -1 before the first. */
  static int counter(Path console) throws Exception {
    Matcher matcher = TICK.matcher(Files.readString(console));
    int last = -1;
    while (matcher.find()) {
      last = Integer.parseInt(matcher.group(1));
    }
    return last;
  }

  static int awaitCounterOver(Machine machine, int floor) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      int counter = counter(machine.console());
      if (counter > floor) {
        return counter;
      }
      Thread.sleep(50);
    }
    throw new AssertionError(
        "counter is "
            + counter(machine.console())
            + ", expected over "
            + floor
            + "; console:\n"
            + machine.consoleTail(20));
  }

  static void end(Machine machine) throws Exception {
    if (machine != null) {
      machine.kill();
      assertThat(machine.waitExit(Duration.ofSeconds(10))).isTrue();
      machine.close();
    }
  }
}
