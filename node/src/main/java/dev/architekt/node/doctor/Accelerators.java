package dev.architekt.node.doctor;

import dev.architekt.hypervisor.Accelerator;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Decides how guests are run on this host: by the processor itself where that works, else by
 * translation.
 */
public final class Accelerators {
  private static final int KVM_VERSION = 12;
  private static final List<String> VENDOR_MODULES = List.of("kvm_intel", "kvm_amd");

  private Accelerators() {}

  /**
   * What was chosen.
   *
   * @param reason a sentence for people
   */
  public record Choice(Accelerator accelerator, String reason) {}

  /**
   * Chooses for this host.
   *
   * @param requested {@code auto}, {@code kvm} or {@code tcg}
   * @throws AcceleratorException if that is none of these, or KVM is demanded where it cannot work
   */
  public static Choice choose(String requested) throws AcceleratorException {
    return choose(requested, Host.local());
  }

  static Choice choose(String requested, Host host) throws AcceleratorException {
    return switch (requested) {
      case "auto" ->
          obstacle(host)
              .map(why -> new Choice(Accelerator.TCG, why))
              .orElseGet(() -> new Choice(Accelerator.KVM, "hardware virtualisation works"));
      case "tcg" -> new Choice(Accelerator.TCG, "asked for");
      case "kvm" -> {
        Optional<String> obstacle = obstacle(host);
        if (obstacle.isPresent()) {
          throw new AcceleratorException(
              "accelerator kvm was asked for and cannot be used: "
                  + obstacle.get()
                  + "; use --accel tcg or auto, or a host with hardware virtualisation");
        }
        yield new Choice(Accelerator.KVM, "asked for, and hardware virtualisation works");
      }
      default ->
          throw new AcceleratorException(
              "accelerator: expected auto, kvm or tcg, found \"" + requested + "\"");
    };
  }

  /**
   * What stands against KVM. A device that opens proves little: the PVM flavour of KVM offers the
   * same device on hosts without virtualisation, and stock guest kernels hang under it. So the
   * provider must be one that drives hardware.
   */
  private static Optional<String> obstacle(Host host) {
    if (!host.exists("/dev/kvm")) {
      return Optional.of("this host has no /dev/kvm");
    }
    try {
      int version = host.kernel().kvmVersion();
      if (version != KVM_VERSION) {
        return Optional.of("/dev/kvm speaks version " + version + " instead of " + KVM_VERSION);
      }
    } catch (IOException e) {
      return Optional.of("/dev/kvm cannot be used: " + e.getMessage());
    }
    Optional<String> flag = flag(host);
    Optional<String> module =
        VENDOR_MODULES.stream()
            .filter(name -> host.exists("/sys/module/" + name + "/parameters"))
            .findFirst();
    if (host.exists("/sys/module/kvm_pvm")) {
      return Optional.of(
          "/dev/kvm is the PVM flavour (module kvm_pvm), under which stock guest kernels hang");
    }
    if (flag.isEmpty() && module.isEmpty()) {
      return Optional.of(
          "/dev/kvm opens, but the processor has no vmx or svm flag and neither kvm_intel nor"
              + " kvm_amd is there: whatever offers it, it is no hardware virtualisation");
    }
    return Optional.empty();
  }

  private static Optional<String> flag(Host host) {
    return host.text("/proc/cpuinfo").stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith("flags"))
        .flatMap(line -> List.of(line.split("\\s+")).stream())
        .filter(word -> word.equals("vmx") || word.equals("svm"))
        .findFirst();
  }
}
