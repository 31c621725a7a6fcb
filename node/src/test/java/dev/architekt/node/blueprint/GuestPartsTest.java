package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Initramfs, drivers, guest files and the manifest, each on its own. */
class GuestPartsTest {
  @TempDir Path folder;

  @Test
  void theArchiveIsTheSameBytesEachTimeAndAlignedAsTheKernelWantsIt() throws IOException {
    byte[] first = archive();
    assertThat(archive()).isEqualTo(first);
    String text = new String(first, StandardCharsets.ISO_8859_1);
    for (int at = text.indexOf("070701"); at >= 0; at = text.indexOf("070701", at + 1)) {
      assertThat(at % 4).isZero();
    }
    assertThat(text).contains("TRAILER!!!");
  }

  private static byte[] archive() throws IOException {
    var out = new ByteArrayOutputStream();
    try (var cpio = new Cpio(out)) {
      cpio.folder("dev");
      cpio.device("dev/console", 0600, 5, 1);
      cpio.file("a", 0755, new byte[] {1, 2, 3});
    }
    return out.toByteArray();
  }

  @Test
  void driversComeAfterWhatTheyThemselvesNameAsNeeded() throws Exception {
    module("virtio_ring", "");
    module("virtio", "virtio_ring");
    module("virtio_pci", "virtio,new-helper");
    module("new-helper", "virtio_ring");
    module("unrelated", "");
    compress("virtio_ring");
    List<String> names =
        new KernelModules(new Tool(folder), folder)
            .inOrder().stream().map(file -> file.getFileName().toString()).toList();
    assertThat(names)
        .containsExactly("virtio_ring.ko", "virtio.ko", "new-helper.ko", "virtio_pci.ko");
  }

  private void module(String name, String depends) throws IOException {
    Files.writeString(
        folder.resolve(name + ".ko"), "ELF\0license=GPL\0depends=" + depends + "\0name=x\0");
  }

  /** As the kernels of newer releases have theirs. */
  private void compress(String name) throws Exception {
    Path module = folder.resolve(name + ".ko");
    assertThat(new ProcessBuilder("xz", module.toString()).start().waitFor()).isZero();
    assertThat(module).doesNotExist();
  }

  @Test
  void aKernelWithoutReadableModulesIsRefused() {
    assertThatThrownBy(() -> new KernelModules(new Tool(folder), folder))
        .isInstanceOf(BlueprintException.class)
        .hasMessageContaining("*.ko");
  }

  @Test
  void everyGuestFileThatIsListedIsShippedWithItsMode() throws IOException {
    GuestFiles.install(folder);
    assertThat(folder.resolve("usr/lib/architekt/run-hooks")).isExecutable();
    assertThat(Files.isExecutable(folder.resolve("etc/inittab"))).isFalse();
    assertThat(GuestFiles.services().getProperty("redis-server.ports")).isEqualTo("tcp/6379");
  }

  @Test
  void theManifestComesBackAsItWasWritten() throws IOException {
    var manifest = manifest();
    Path file = folder.resolve(Blueprint.MANIFEST);
    manifest.write(file);
    assertThat(BlueprintManifest.read(file)).isEqualTo(manifest);
  }

  private static BlueprintManifest manifest() {
    return new BlueprintManifest(
        "abc",
        "bookworm",
        "6.1.0",
        "quiet",
        "def",
        256,
        2,
        java.util.Map.of("a", "1"),
        List.of("a"),
        List.of("tcp/1"),
        java.util.Map.of("after-resume", List.of("10-x")),
        List.of(new BlueprintManifest.File(Blueprint.DISK, 4, 4, "ff")));
  }

  @Test
  void openingNamesTheFileThatIsMissingOrCutShort() throws IOException {
    assertThatThrownBy(() -> Blueprint.open(folder))
        .hasMessageContaining(Blueprint.MANIFEST)
        .hasMessageContaining("architekt blueprint");
    manifest().write(folder.resolve(Blueprint.MANIFEST));
    assertThatThrownBy(() -> Blueprint.open(folder)).hasMessageContaining("is missing");
    Files.write(folder.resolve(Blueprint.DISK), new byte[3]);
    assertThatThrownBy(() -> Blueprint.open(folder))
        .hasMessageContaining("3 bytes")
        .hasMessageContaining("expected 4");
  }

  @Test
  void damagedOrForeignManifestsAreRefused() throws IOException {
    Path file = folder.resolve(Blueprint.MANIFEST);
    Files.writeString(file, "{\"version\": 99}");
    assertThatThrownBy(() -> BlueprintManifest.read(file)).hasMessageContaining("version 99");
    Files.writeString(file, "{\"vers");
    assertThatThrownBy(() -> BlueprintManifest.read(file)).hasMessageContaining("--force");
  }

  @Test
  void namesThatAreNoPackagesNeverReachACommandLine() {
    for (String name : List.of("-o=x", "a b", "../x", "", "A;rm")) {
      assertThatThrownBy(() -> Blueprint.Options.of(folder, name))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Blueprint.Options.of(folder).withDiskSize(1))
        .hasMessageContaining("16 MiB");
    assertThatThrownBy(() -> Blueprint.Options.of(folder).withRelease("-o x"))
        .hasMessageContaining("bookworm");
    assertThatThrownBy(() -> Blueprint.Options.of(folder).withMirror("ftp://x"))
        .hasMessageContaining("expected http");
    assertThatThrownBy(() -> Blueprint.Options.of(folder).withMachine(1, 1))
        .hasMessageContaining("64 MiB");
    assertThatThrownBy(() -> Blueprint.Options.of(folder).withMachine(0, 65))
        .hasMessageContaining("1 to 64");
  }

  @Test
  void inputsDigestFollowsContentAndModeOfAnOverlay() throws IOException {
    Path overlay = Files.createDirectories(folder.resolve("overlay/etc"));
    Path file = Files.writeString(overlay.resolve("motd"), "one");
    var options = Blueprint.Options.of(folder.resolve("out"), "redis-server").withOverlay(overlay);
    String first = InputsDigest.of(options, "sources");
    assertThat(InputsDigest.of(options.withForce(), "sources")).isEqualTo(first);
    assertThat(InputsDigest.of(options, "others")).isNotEqualTo(first);
    assertThat(InputsDigest.of(options.withRelease("trixie"), "sources")).isNotEqualTo(first);
    assertThat(InputsDigest.of(options.withMachine(512, 2), "sources")).isNotEqualTo(first);
    Path script = Files.writeString(folder.resolve("run"), "#!/bin/sh\n");
    String scripted = InputsDigest.of(options.withScripts(script), "sources");
    assertThat(scripted).isNotEqualTo(first);
    Files.writeString(script, "#!/bin/sh\necho\n");
    assertThat(InputsDigest.of(options.withScripts(script), "sources")).isNotEqualTo(scripted);
    Files.writeString(file, "two");
    String second = InputsDigest.of(options, "sources");
    assertThat(second).isNotEqualTo(first);
    Files.setPosixFilePermissions(file, GuestFiles.permissions(0755));
    assertThat(InputsDigest.of(options, "sources")).isNotEqualTo(second);
  }
}
