package dev.architekt.hypervisor.qemu;

import static dev.architekt.hypervisor.qemu.TestMachines.descriptors;
import static dev.architekt.hypervisor.qemu.TestMachines.ram;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.hypervisor.Accelerator;
import dev.architekt.hypervisor.Hypervisor;
import dev.architekt.hypervisor.MachineSpec;
import dev.architekt.hypervisor.MachineStartException;
import dev.architekt.hypervisor.Platform;
import dev.architekt.linux.Fd;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A QEMU that does not start says why, and leaves no process behind. */
@Tag("vm")
@Timeout(60)
class StartFailureTest {
  private static final Hypervisor QEMU = Hypervisor.named("qemu");

  @TempDir Path folder;
  private MachineSpec good;

  @BeforeEach
  void spec() throws Exception {
    good = TestMachines.spec("fails", folder.resolve("m"), TestGuest.files());
  }

  @Test
  void missingProgramIsNamed() throws Exception {
    assertStartFails(
        with(Path.of("/usr/bin/no-such-qemu"), good.platform()), "/usr/bin/no-such-qemu");
  }

  @Test
  void programThatIsNoneIsNamed() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "not a program");
    assertStartFails(with(text, good.platform()), text.toString());
  }

  @Test
  void refusedOptionShowsQemusWords() throws Exception {
    Platform unknown = new Platform("pc-q35-0.1", "qemu64", 1, Accelerator.TCG);
    assertStartFails(with(good.binary(), unknown), "unsupported machine type");
  }

  @Test
  void unknownCpuModelShowsQemusWords() throws Exception {
    Platform unknown = new Platform("pc-q35-7.2", "z80", 1, Accelerator.TCG);
    assertStartFails(with(good.binary(), unknown), "z80");
  }

  @Test
  void programThatEndsSilentlyIsReportedWithItsStatus() throws Exception {
    assertStartFails(with(Path.of("/bin/false"), good.platform()), "exit status 1");
  }

  @Test
  void memoryFileOfTheWrongSizeIsRefused() throws Exception {
    try (Fd ram = Fd.open(folder.resolve("small").toString(), Fd.O_RDWR | Fd.O_CREAT, 0600)) {
      ram.truncate(1 << 20);
      assertThatThrownBy(() -> QEMU.boot(good, descriptors(ram)).close())
          .isInstanceOf(MachineStartException.class)
          .hasMessageContaining("does not match 'size'");
    }
  }

  private void assertStartFails(MachineSpec spec, String words) throws Exception {
    try (Fd ram = ram(folder.resolve("ram"))) {
      assertThatThrownBy(() -> QEMU.boot(spec, descriptors(ram)))
          .isInstanceOf(MachineStartException.class)
          .hasMessageContaining(words);
    }
    assertThat(QEMU.find(spec.directory())).isEmpty();
  }

  private MachineSpec with(Path binary, Platform platform) {
    return new MachineSpec(
        good.name(),
        good.uuid(),
        platform,
        good.memoryBytes(),
        good.boot(),
        good.mac(),
        good.disks(),
        binary,
        good.directory(),
        good.user());
  }
}
