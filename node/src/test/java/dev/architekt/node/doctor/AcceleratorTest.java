package dev.architekt.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.node.doctor.Accelerator.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** KVM is chosen where it works and nowhere else. */
@Tag("quick")
class AcceleratorTest {
  @TempDir Path root;

  @Test
  void hardwareVirtualisationIsUsedWhereItWorks() throws Exception {
    assertThat(Accelerator.choose("auto", FakeHost.complete(root)).kind()).isEqualTo(Kind.KVM);
    assertThat(Accelerator.choose("kvm", FakeHost.complete(root)).kind()).isEqualTo(Kind.KVM);
  }

  @Test
  void thePvmFlavourFoolsNobody() throws Exception {
    FakeHost host = new FakeHost(root);
    host.file("/dev/kvm", "");
    host.file("/sys/module/kvm_pvm/refcnt", "0");
    host.file("/proc/cpuinfo", "flags\t\t: fpu sse2 hypervisor\n");
    Accelerator chosen = Accelerator.choose("auto", host);
    assertThat(chosen.kind()).isEqualTo(Kind.TCG);
    assertThat(chosen.reason()).contains("kvm_pvm").contains("hang");
  }

  @Test
  void thePvmFlavourFoolsNobodyOnAProcessorWithVmxEither() throws Exception {
    FakeHost host = new FakeHost(root);
    host.file("/dev/kvm", "");
    host.file("/sys/module/kvm_pvm/refcnt", "0");
    host.file("/proc/cpuinfo", "flags\t\t: fpu vmx\n");
    assertThat(Accelerator.choose("auto", host).kind()).isEqualTo(Kind.TCG);
  }

  @Test
  void aDeviceWithoutAnyHardwareBehindItIsNotUsed() throws Exception {
    FakeHost host = new FakeHost(root);
    host.file("/dev/kvm", "");
    host.file("/proc/cpuinfo", "flags\t\t: fpu vmxnot xsvm\n");
    Accelerator chosen = Accelerator.choose("auto", host);
    assertThat(chosen.kind()).isEqualTo(Kind.TCG);
    assertThat(chosen.reason()).contains("vmx").contains("kvm_amd");
  }

  @Test
  void theFlagAloneOrTheModuleAloneIsEnough() throws Exception {
    FakeHost flag = new FakeHost(root.resolve("a"));
    flag.file("/dev/kvm", "");
    flag.file("/proc/cpuinfo", "flags\t\t: fpu svm\n");
    assertThat(Accelerator.choose("auto", flag).kind()).isEqualTo(Kind.KVM);
    FakeHost module = new FakeHost(root.resolve("b"));
    module.file("/dev/kvm", "");
    module.file("/sys/module/kvm_amd/parameters/npt", "1");
    assertThat(Accelerator.choose("auto", module).kind()).isEqualTo(Kind.KVM);
  }

  @Test
  void aDeviceThatIsMissingOrForbiddenOrStrangeMeansTcgWithTheReason() throws Exception {
    FakeHost none = new FakeHost(root.resolve("none"));
    assertThat(Accelerator.choose("auto", none).reason()).contains("no /dev/kvm");
    FakeHost forbidden = FakeHost.complete(root.resolve("forbidden"));
    forbidden.fails("kvm", "open /dev/kvm: Permission denied (errno 13)");
    assertThat(Accelerator.choose("auto", forbidden))
        .isEqualTo(
            new Accelerator(
                Kind.TCG, "/dev/kvm cannot be used: open /dev/kvm: Permission denied (errno 13)"));
    FakeHost strange = FakeHost.complete(root.resolve("strange"));
    strange.kvmVersion = 13;
    assertThat(Accelerator.choose("auto", strange).kind()).isEqualTo(Kind.TCG);
  }

  @Test
  void whoAsksForKvmIsToldWhyNotAndWhatToDo() {
    assertThatThrownBy(() -> Accelerator.choose("kvm", new FakeHost(root)))
        .isInstanceOf(AcceleratorException.class)
        .hasMessageContaining("no /dev/kvm")
        .hasMessageContaining("--accel tcg");
    assertThatThrownBy(() -> Accelerator.choose("hvf", new FakeHost(root)))
        .isInstanceOf(AcceleratorException.class)
        .hasMessage("accelerator: expected auto, kvm or tcg, found \"hvf\"");
  }

  @Test
  void tcgIsAlwaysToBeHad() throws Exception {
    Accelerator chosen = Accelerator.choose("tcg", FakeHost.complete(root));
    assertThat(chosen.kind().argument()).isEqualTo("tcg");
  }
}
