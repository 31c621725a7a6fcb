package dev.architekt.node.peer;

import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.archive.Progress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Packages with all that a package has, and nothing that could boot. */
final class TestPackages {
  static final long MEMORY = 1 << 20;

  private TestPackages() {}

  /** Writes one whose resources hold {@code text} again and again. */
  static Path write(Path file, String name, String text) throws Exception {
    Manifest.Machine machine =
        new Manifest.Machine(
            2,
            MEMORY,
            "pc-q35-7.2",
            "qemu64",
            "tcg",
            new Manifest.Hypervisor("qemu", "7.2.22"),
            Optional.empty(),
            "console=ttyS0",
            "02:0e:d9:00:00:02");
    Manifest manifest =
        new Manifest(
            Manifest.CURRENT,
            Instant.parse("2026-03-01T12:00:00Z"),
            name,
            machine,
            new Manifest.Hooks(true, false),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of());
    try (ArkWriter writer = new ArkWriter(manifest)) {
      for (String resource : List.of("config", "kernel", "initramfs", "disk", "state")) {
        writer.add(
            resource, (text + " of " + resource).repeat(500).getBytes(StandardCharsets.US_ASCII));
      }
      writer.add("memory", new byte[(int) MEMORY]);
      writer.write(file, Progress.NONE);
    }
    return file;
  }
}
