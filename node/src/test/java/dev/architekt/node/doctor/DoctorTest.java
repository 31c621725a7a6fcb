package dev.architekt.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.node.doctor.Finding.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is missing on a host is found and comes with what to do. */
@Tag("quick")
class DoctorTest {
  @TempDir Path root;
  private FakeHost host;

  @BeforeEach
  void complete() throws Exception {
    host = FakeHost.complete(root);
  }

  @Test
  void aCompleteHostLacksNothing() {
    List<Finding> findings = examine();
    assertThat(findings).allSatisfy(f -> assertThat(f.status()).isEqualTo(Status.OK));
    assertThat(findings).allSatisfy(f -> assertThat(f.remedy()).isEmpty());
    assertThat(Doctor.healthy(findings)).isTrue();
    assertThat(finding("QEMU").detail()).contains("7.2.22");
    assertThat(finding("accelerator").detail()).startsWith("kvm: ");
  }

  @Test
  void aKernelThatWritesGuestsRamBackIsSlow() throws Exception {
    host.file("/proc/vmstat", "nr_dirty_background_threshold 314572\n");
    Finding finding = finding("write-back");
    assertThat(finding.status()).isEqualTo(Status.WARN);
    assertThat(finding.detail()).contains("once 1.2 of 12.0 GiB are dirty");
    assertThat(finding.remedy()).contains("vm.dirty_background_ratio=50");
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/fuse, FUSE device, modprobe fuse",
    "fuse, FUSE mount, CAP_SYS_ADMIN",
    "/dev/net/tun, TUN device, modprobe tun",
    "namespace, network namespaces, CONFIG_NET_NS",
  })
  void whatTheKernelRefusesIsMissing(String what, String name, String remedy) {
    host.fails(what, "Operation not permitted (errno 1)");
    Finding finding = finding(name);
    assertThat(finding.status()).isEqualTo(Status.MISSING);
    assertThat(finding.detail()).contains("Operation not permitted");
    assertThat(finding.remedy()).contains(remedy);
    assertThat(Doctor.healthy(examine())).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "nft, nftables, nftables, MISSING",
    "ip, iproute2, iproute2, MISSING",
    "qemu-system-x86_64, QEMU, qemu-system-x86, MISSING",
    "mmdebstrap, mmdebstrap, mmdebstrap, WARN",
    "mke2fs, e2fsprogs, e2fsprogs, WARN",
    "busybox, busybox, busybox-static, WARN",
  })
  void aMissingProgramComesWithItsPackage(String program, String name, String pkg, Status status)
      throws Exception {
    host.remove("/usr/bin/" + program);
    Finding finding = finding(name);
    assertThat(finding.status()).isEqualTo(status);
    assertThat(finding.detail()).contains(program);
    assertThat(finding.remedy()).isEqualTo("apt-get install " + pkg);
  }

  @ParameterizedTest
  @CsvSource({"/dev/fuse, FUSE device, 10:229, 10 229", "/dev/net/tun, TUN device, 10:200, 10 200"})
  void anotherThingInADevicesPlaceIsSaidToBeWrong(
      String path, String name, String expected, String numbers) throws Exception {
    host.kind(path, Device.kind(Path.of("/dev/null")).orElseThrow());
    Finding finding = finding(name);
    assertThat(finding.status()).isEqualTo(Status.MISSING);
    assertThat(finding.detail()).contains(path, "character device 1:3", expected);
    assertThat(finding.remedy()).contains("umount " + path, "mknod " + path + " c " + numbers);
    assertThat(Device.kind(root)).contains("folder");
    assertThat(Device.kind(root.resolve("proc/cpuinfo"))).contains("file");
    assertThat(Device.kind(root.resolve("none"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "liblz4.so.1, LZ4, liblz4-1",
    "libzstd.so.1, Zstandard, libzstd1",
    "libssl.so.3, OpenSSL, libssl3"
  })
  void aMissingLibraryComesWithItsPackage(String file, String name, String pkg) {
    assertThat(finding(name).detail()).isEqualTo(file + " loads");
    host.fails(file, "");
    assertThat(finding(name).status()).isEqualTo(Status.MISSING);
    assertThat(finding(name).detail()).contains(file);
    assertThat(finding(name).remedy()).isEqualTo("apt-get install " + pkg);
  }

  @Test
  void aProgramThatFailsIsAsGoodAsNone() throws Exception {
    host.script("qemu-system-x86_64", "echo broken; exit 1");
    assertThat(finding("QEMU").status()).isEqualTo(Status.MISSING);
    host.script("nft", "[ \"$1\" = --version ] && echo nftables v1");
    assertThat(finding("nftables").detail()).contains("`nft list tables` fails");
  }

  /** Such as dpkg, which cannot read its configuration in root's folder for an ordinary user. */
  @Test
  void aWarningIsNoVersion() throws Exception {
    host.script("mmdebstrap", "echo 'dpkg: warning: no' >&2; echo 'mmdebstrap 1.3.5'");
    assertThat(finding("mmdebstrap").detail()).isEqualTo("mmdebstrap 1.3.5");
    host.script("mke2fs", "echo 'mke2fs 1.47.0' >&2");
    assertThat(finding("e2fsprogs").detail()).isEqualTo("mke2fs 1.47.0");
  }

  @ParameterizedTest
  @CsvSource({"7.1.9, MISSING", "6.2.0, MISSING", "7.2.0, OK", "10.0.0, OK", "x, WARN"})
  void oldHypervisorsAreRefused(String version, Status status) throws Exception {
    host.program("qemu-system-x86_64", "QEMU emulator version " + version);
    assertThat(finding("QEMU").status()).isEqualTo(status);
  }

  @Test
  void anOrdinaryUserIsToldToBeRoot() throws Exception {
    host.file("/proc/self/status", "Uid:\t0\t1000\t1000\t1000\n");
    assertThat(finding("root").status()).isEqualTo(Status.MISSING);
    assertThat(finding("root").remedy()).contains("sudo");
  }

  @Test
  void anOldJavaIsRefused() {
    List<Finding> findings = new Doctor(host, root, 21).examine();
    assertThat(findings)
        .filteredOn(f -> f.name().equals("Java"))
        .singleElement()
        .satisfies(f -> assertThat(f.detail()).isEqualTo("Java 21, 25 is needed"));
  }

  @Test
  void aFullDiskIsSeen() {
    host.freeBytes = 100 << 20;
    assertThat(finding("disk").status()).isEqualTo(Status.MISSING);
    host.freeBytes = 1L << 30;
    assertThat(finding("disk").status()).isEqualTo(Status.WARN);
  }

  @Test
  void translationIsAWarningAndNothingMissing() throws Exception {
    host.remove("/dev/kvm");
    assertThat(finding("accelerator").status()).isEqualTo(Status.WARN);
    assertThat(finding("accelerator").detail()).isEqualTo("tcg: this host has no /dev/kvm");
    assertThat(Doctor.healthy(examine())).isTrue();
  }

  @Test
  void theCountersFrequencyComesFromTheKernelsLastMessageOrAVirtualProcessor() throws Exception {
    assertThat(TimeStampCounter.khz(host)).isEqualTo(OptionalLong.of(2_100_002));
    host.script(
        "dmesg",
        "echo '[ 0.0] tsc: Detected 2000.000 MHz processor'\n"
            + "echo '[ 1.0] tsc: Refined TSC clocksource calibration: 1999.998 MHz'");
    assertThat(TimeStampCounter.khz(host)).isEqualTo(OptionalLong.of(1_999_998));
    host.remove("/usr/bin/dmesg");
    host.file("/proc/cpuinfo", "flags : fpu vmx\ncpu MHz\t\t: 800.000\n");
    assertThat(TimeStampCounter.khz(host)).isEmpty();
  }

  private List<Finding> examine() {
    return new Doctor(host, root, 25).examine();
  }

  private Finding finding(String name) {
    return examine().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
  }
}
