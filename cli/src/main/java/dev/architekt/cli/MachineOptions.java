package dev.architekt.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which hypervisor runs the VM, and how. */
final class MachineOptions {
  @Option(
      names = "--qemu-bin",
      paramLabel = "FILE",
      defaultValue = "qemu-system-x86_64",
      description = "The QEMU to run (default: ${DEFAULT-VALUE}).")
  String qemu;

  @Option(
      names = "--accel",
      paramLabel = "WHICH",
      defaultValue = "auto",
      description =
          "auto, tcg or kvm (default: ${DEFAULT-VALUE}; `architekt doctor` explains the choice).")
  String accelerator;

  /** The binary as a path: as given when it names a folder, else found on the PATH. */
  Path binary() {
    if (qemu.contains("/")) {
      return Path.of(qemu);
    }
    for (String folder : System.getenv().getOrDefault("PATH", "/usr/bin").split(":")) {
      Path candidate = Path.of(folder, qemu);
      if (java.nio.file.Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    return Path.of("/usr/bin", qemu);
  }
}
