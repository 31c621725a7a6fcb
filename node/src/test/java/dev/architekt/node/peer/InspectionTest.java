package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.archive.ArkException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class InspectionTest {
  @TempDir Path folder;
  private Path ark;

  @BeforeEach
  void makePackage() throws Exception {
    ark = TestPackages.write(folder.resolve("some.ark"), "something", "the bytes");
  }

  @Test
  void aPackageInAFileSaysWhatItHolds() throws Exception {
    Inspection found = Inspection.of(ark, true, (done, total) -> {});
    assertThat(found.properties())
        .containsEntry("kind", "package")
        .containsEntry("name", "something")
        .containsEntry("cpus", 2)
        .containsEntry("memoryBytes", TestPackages.MEMORY)
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
    try (RunningRegistry registry = new RunningRegistry(ark)) {
      Inspection found =
          Inspection.of(
              registry.address(), dev.architekt.migration.wire.WireOptions.of("test"), 10);
      assertThat(found.properties())
          .containsEntry("kind", "package")
          .containsEntry("name", "something")
          .containsEntry("memoryBytes", TestPackages.MEMORY)
          .doesNotContainKey("instance");
      assertThat(found.parts()).extracting(Inspection.Part::name).contains("memory", "disk");
    }
  }
}
