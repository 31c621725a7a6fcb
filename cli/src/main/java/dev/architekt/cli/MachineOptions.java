package dev.architekt.cli;

import java.io.IOException;
import java.nio.file.Files;
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

  void check(Checks check) {
    check.oneOf("--accel", accelerator, "auto", "tcg", "kvm");
  }

  /** Fails when there is no such QEMU. */
  void require() throws IOException {
    if (!Files.isExecutable(binary())) {
      throw new IOException(
          "--qemu-bin "
              + qemu
              + ": "
              + (qemu.contains("/") ? "no such program" : "not on the PATH")
              + "; install it with: apt-get install qemu-system-x86");
    }
  }

  /** The binary as a path: as given when it names a folder, else found on the PATH. */
  Path binary() {
    if (qemu.contains("/")) {
      return Path.of(qemu);
    }
    for (String folder : System.getenv().getOrDefault("PATH", "/usr/bin").split(":")) {
      Path candidate = Path.of(folder, qemu);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    return Path.of("/usr/bin", qemu);
  }
}
