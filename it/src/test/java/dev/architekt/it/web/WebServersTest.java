package dev.architekt.it.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.architekt.archive.ArkReader;
import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.archive.Progress;
import dev.architekt.node.HttpRange;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A package on web servers as people run them. */
@Tag("kernel")
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WebServersTest {
  private static final byte[] DISK = new byte[3 << 20];

  @TempDir static Path folder;

  @BeforeAll
  static void writePackage() throws Exception {
    new Random(5).nextBytes(DISK);
    Manifest.Machine machine =
        new Manifest.Machine(
            1,
            1 << 20,
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
            "web",
            machine,
            new Manifest.Hooks(false, false),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of());
    try (ArkWriter writer = new ArkWriter(manifest)) {
      writer.add("memory", new byte[1 << 20]).add("disk", DISK);
      writer.write(
          Files.createDirectory(folder.resolve("served")).resolve("web.ark"), Progress.NONE);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void nginxServesIt() throws Exception {
    int port = freePort();
    try (Nginx _ = Nginx.start(List.of(), folder.resolve("nginx"), folder.resolve("served"), port);
        ArkReader ark =
            ArkReader.open(
                HttpRange.open("http://127.0.0.1:" + port + "/web.ark"),
                ArkReader.Checks.DIGESTS)) {
      assertThat(ark.manifest().name()).isEqualTo("web");
      assertThat(ark.bytes("disk", DISK.length)).isEqualTo(DISK);
      ark.verify(Progress.NONE);
    }
  }

  @Test
  void pythonsServerIsRefusedSinceItSendsWholeFiles() throws Exception {
    Path log = folder.resolve("python.log");
    int port = freePort();
    Process python;
    try {
      python =
          new ProcessBuilder(
                  "python3",
                  "-m",
                  "http.server",
                  "--bind",
                  "127.0.0.1",
                  "--directory",
                  folder.resolve("served").toString(),
                  Integer.toString(port))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      assumeTrue(false, "no python3 here: " + e.getMessage());
      return;
    }
    try {
      for (int i = 0; i < 200 && !Nginx.answers(port); i++) {
        assertThat(python.isAlive()).as("python3: " + Files.readString(log)).isTrue();
        TimeUnit.MILLISECONDS.sleep(50);
      }
      assertThatThrownBy(() -> HttpRange.open("http://127.0.0.1:" + port + "/web.ark"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/web.ark")
          .hasMessageContaining("whole files only")
          .hasMessageContaining("nginx");
    } finally {
      python.destroy();
      python.waitFor();
    }
  }
}
