package dev.architekt.hypervisor.qemu;

import static dev.architekt.hypervisor.qemu.TestMachines.awaitCounterOver;
import static dev.architekt.hypervisor.qemu.TestMachines.descriptors;
import static dev.architekt.hypervisor.qemu.TestMachines.end;
import static dev.architekt.hypervisor.qemu.TestMachines.ram;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.architekt.hypervisor.Hypervisor;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineSpec;
import dev.architekt.hypervisor.MachineState;
import dev.architekt.linux.Fd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk over NBD, in a folder that the unprivileged QEMU may not enter. */
@Tag("vm")
@Timeout(120)
class DiskOutageTest {
  @TempDir Path folder;

  @Test
  void unprivilegedMachineReachesItsDiskInAClosedFolder() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-nbd")), "needs qemu-utils");
    TestGuest.Boot boot = TestGuest.files();
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    Path image = closed.resolve("disk.img");
    try (Fd disk = Fd.open(image.toString(), Fd.O_RDWR | Fd.O_CREAT, 0600)) {
      disk.truncate(64 << 20);
    }
    Path socket = closed.resolve("nbd.sock");
    Process server =
        new ProcessBuilder(
                "qemu-nbd",
                "-f",
                "raw",
                "-t",
                "-x",
                "root",
                "-k",
                socket.toString(),
                image.toString())
            .inheritIO()
            .start();
    Machine machine = null;
    try (Fd ram = ram(folder.resolve("ram"))) {
      long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (!Files.exists(socket) && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
      MachineSpec spec =
          TestMachines.spec(
              "disk",
              closed.resolve("m"),
              boot,
              List.of(new MachineSpec.Disk("root", socket, "root", false)));
      machine = Hypervisor.named("qemu").boot(spec, descriptors(ram));
      machine.resume();
      awaitCounterOver(machine, 3);
      awaitDiskWrites(machine, 2);
      machine.pause();
      assertThat(machine.state()).isEqualTo(MachineState.PAUSED);
      machine.resume();
      awaitDiskWrites(machine, 3);
    } finally {
      end(machine);
      server.destroyForcibly();
    }
  }

  private static void awaitDiskWrites(Machine machine, int count) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < deadline) {
      if (Files.readString(machine.console()).split("disk written").length > count) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no disk writes; console:\n" + machine.consoleTail(20));
  }
}
