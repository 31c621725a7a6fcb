package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.archive.ArkException;
import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.archive.Progress;
import dev.architekt.node.Output;
import dev.architekt.node.Registry;
import dev.architekt.node.Wiring;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class InspectionTest {
  private static final long MEMORY = 1 << 20;

  @TempDir Path folder;
  private Path ark;

  @BeforeEach
  void makePackage() throws Exception {
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
            "something",
            machine,
            new Manifest.Hooks(true, false),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of());
    ark = folder.resolve("some.ark");
    try (ArkWriter writer = new ArkWriter(manifest)) {
      for (String name : List.of("config", "kernel", "initramfs", "disk", "state")) {
        writer.add(name, ("the bytes of " + name).repeat(500).getBytes(StandardCharsets.US_ASCII));
      }
      writer.add("memory", new byte[(int) MEMORY]);
      writer.write(ark, Progress.NONE);
    }
  }

  @Test
  void aPackageInAFileSaysWhatItHolds() throws Exception {
    Inspection found = Inspection.of(ark, true, (done, total) -> {});
    assertThat(found.properties())
        .containsEntry("kind", "package")
        .containsEntry("name", "something")
        .containsEntry("cpus", 2)
        .containsEntry("memoryBytes", MEMORY)
        .containsEntry("hypervisor", "qemu 7.2.22")
        .containsEntry("hooks", "before-suspend");
    assertThat(found.parts())
        .extracting(Inspection.Part::name)
        .containsExactlyInAnyOrder("config", "kernel", "initramfs", "disk", "memory", "state");
    assertThat(found.parts()).allSatisfy(part -> assertThat(part.sha256()).hasSize(64));
  }

  @Test
  void aFlippedByteIsFoundByVerifying() throws Exception {
    byte[] bytes = Files.readAllBytes(ark);
    bytes[bytes.length / 3] ^= 1;
    Files.write(ark, bytes);
    assertThatThrownBy(() -> Inspection.of(ark, true, (done, total) -> {}))
        .isInstanceOf(ArkException.class)
        .hasMessageContaining("some.ark");
  }

  @Test
  void aRegistrySaysWhatItOffers() throws Exception {
    PipedOutputStream told = new PipedOutputStream();
    BufferedReader events =
        new BufferedReader(
            new InputStreamReader(new PipedInputStream(told), StandardCharsets.UTF_8));
    Registry registry =
        new Registry(
            ark,
            "127.0.0.1:0",
            Optional.empty(),
            new Output(new PrintStream(told, true, StandardCharsets.UTF_8), true, false));
    Thread serving =
        Thread.ofPlatform()
            .start(() -> {
              try {
                registry.run();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    int port = new ObjectMapper().readTree(events.readLine()).path("port").asInt();
    try {
      Inspection found =
          Inspection.of(
              new InetSocketAddress("127.0.0.1", port),
              Wiring.options("test", Optional.empty()),
              10);
      assertThat(found.properties())
          .containsEntry("kind", "package")
          .containsEntry("name", "something")
          .containsEntry("memoryBytes", MEMORY)
          .doesNotContainKey("instance");
      assertThat(found.parts()).extracting(Inspection.Part::name).contains("memory", "disk");
    } finally {
      registry.stop();
      serving.join();
    }
  }
}
