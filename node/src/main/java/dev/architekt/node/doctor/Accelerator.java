package dev.architekt.node.doctor;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How guests are run here, and why.
 *
 * @param kind what QEMU's {@code -accel} is given
 * @param reason a sentence for people
 */
public record Accelerator(Kind kind, String reason) {
  public enum Kind {
    /** The processor's own virtualisation. */
    KVM,
    /** Translation by QEMU: works everywhere, slower. */
    TCG;

    /** QEMU's name of it. */
    public String argument() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int KVM_VERSION = 12;
  private static final List<String> VENDOR_MODULES = List.of("kvm_intel", "kvm_amd");

  /**
   * Chooses for this host.
   *
   * @param requested {@code auto}, {@code kvm} or {@code tcg}
   * @throws AcceleratorException if that is none of these, or KVM is demanded where it cannot work
   */
  public static Accelerator choose(String requested) throws AcceleratorException {
    return choose(requested, Host.local());
  }

  static Accelerator choose(String requested, Host host) throws AcceleratorException {
    return switch (requested) {
      case "auto" ->
          obstacle(host)
              .map(why -> new Accelerator(Kind.TCG, why))
              .orElseGet(() -> new Accelerator(Kind.KVM, "hardware virtualisation works"));
      case "tcg" -> new Accelerator(Kind.TCG, "asked for");
      case "kvm" -> {
        Optional<String> obstacle = obstacle(host);
        if (obstacle.isPresent()) {
          throw new AcceleratorException(
              "accelerator kvm was asked for and cannot be used: "
                  + obstacle.get()
                  + "; use --accel tcg or auto, or a host with hardware virtualisation");
        }
        yield new Accelerator(Kind.KVM, "asked for, and hardware virtualisation works");
      }
      default ->
          throw new AcceleratorException(
              "accelerator: expected auto, kvm or tcg, found \"" + requested + "\"");
    };
  }

  /**
   * What stands against KVM. A device that opens proves little: the PVM flavour of KVM offers the same device on hosts
   * without virtualisation, and stock guest kernels hang under it. So the provider must be one that drives hardware.
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
