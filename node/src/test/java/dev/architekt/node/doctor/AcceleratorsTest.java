package dev.architekt.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.hypervisor.Accelerator;
import dev.architekt.node.doctor.Accelerators.Choice;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** KVM is chosen where it works and nowhere else. */
@Tag("quick")
class AcceleratorsTest {
  @TempDir Path root;

  @Test
  void hardwareVirtualisationIsUsedWhereItWorks() throws Exception {
    assertThat(Accelerators.choose("auto", FakeHost.complete(root)).accelerator())
        .isEqualTo(Accelerator.KVM);
    assertThat(Accelerators.choose("kvm", FakeHost.complete(root)).accelerator())
        .isEqualTo(Accelerator.KVM);
  }

  @Test
  void thePvmFlavourFoolsNobody() throws Exception {
    FakeHost host = new FakeHost(root);
    host.file("/dev/kvm", "");
    host.file("/sys/module/kvm_pvm/refcnt", "0");
    host.file("/proc/cpuinfo", "flags\t\t: fpu sse2 hypervisor\n");
    Choice chosen = Accelerators.choose("auto", host);
    assertThat(chosen.accelerator()).isEqualTo(Accelerator.TCG);
    assertThat(chosen.reason()).contains("kvm_pvm").contains("hang");
  }

  @Test
  void thePvmFlavourFoolsNobodyOnAProcessorWithVmxEither() throws Exception {
    FakeHost host = new FakeHost(root);
    host.file("/dev/kvm", "");
    host.file("/sys/module/kvm_pvm/refcnt", "0");
    host.file("/proc/cpuinfo", "flags\t\t: fpu vmx\n");
    assertThat(Accelerators.choose("auto", host).accelerator()).isEqualTo(Accelerator.TCG);
  }

  @Test
  void aDeviceWithoutAnyHardwareBehindItIsNotUsed() throws Exception {
    FakeHost host = new FakeHost(root);
    host.file("/dev/kvm", "");
    host.file("/proc/cpuinfo", "flags\t\t: fpu vmxnot xsvm\n");
    Choice chosen = Accelerators.choose("auto", host);
    assertThat(chosen.accelerator()).isEqualTo(Accelerator.TCG);
    assertThat(chosen.reason()).contains("vmx").contains("kvm_amd");
  }

  @Test
  void theFlagAloneOrTheModuleAloneIsEnough() throws Exception {
    FakeHost flag = new FakeHost(root.resolve("a"));
    flag.file("/dev/kvm", "");
    flag.file("/proc/cpuinfo", "flags\t\t: fpu svm\n");
    assertThat(Accelerators.choose("auto", flag).accelerator()).isEqualTo(Accelerator.KVM);
    FakeHost module = new FakeHost(root.resolve("b"));
    module.file("/dev/kvm", "");
    module.file("/sys/module/kvm_amd/parameters/npt", "1");
    assertThat(Accelerators.choose("auto", module).accelerator()).isEqualTo(Accelerator.KVM);
  }

  @Test
  void aDeviceThatIsMissingOrForbiddenOrStrangeMeansTcgWithTheReason() throws Exception {
    FakeHost none = new FakeHost(root.resolve("none"));
    assertThat(Accelerators.choose("auto", none).reason()).contains("no /dev/kvm");
    FakeHost forbidden = FakeHost.complete(root.resolve("forbidden"));
    forbidden.fails("kvm", "open /dev/kvm: Permission denied (errno 13)");
    assertThat(Accelerators.choose("auto", forbidden))
        .isEqualTo(
            new Choice(
                Accelerator.TCG,
                "/dev/kvm cannot be used: open /dev/kvm: Permission denied (errno 13)"));
    FakeHost strange = FakeHost.complete(root.resolve("strange"));
    strange.kvmVersion = 13;
    assertThat(Accelerators.choose("auto", strange).accelerator()).isEqualTo(Accelerator.TCG);
  }

  @Test
  void whoAsksForKvmIsToldWhyNotAndWhatToDo() {
    assertThatThrownBy(() -> Accelerators.choose("kvm", new FakeHost(root)))
        .isInstanceOf(AcceleratorException.class)
        .hasMessageContaining("no /dev/kvm")
        .hasMessageContaining("--accel tcg");
    assertThatThrownBy(() -> Accelerators.choose("hvf", new FakeHost(root)))
        .isInstanceOf(AcceleratorException.class)
        .hasMessage("accelerator: expected auto, kvm or tcg, found \"hvf\"");
  }

  @Test
  void tcgIsAlwaysToBeHad() throws Exception {
    Choice chosen = Accelerators.choose("tcg", FakeHost.complete(root));
    assertThat(chosen.accelerator().id()).isEqualTo("tcg");
  }
}
