package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A build that ends early leaves nothing, and says why. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ScratchTest {
  @TempDir Path parent;

  @Test
  void nothingIsLeftAndNoLinkIsFollowed(@TempDir Path outside) throws Exception {
    Path precious = Files.writeString(outside.resolve("precious"), "host");
    try (var scratch = new Scratch(parent)) {
      Files.createDirectories(scratch.folder().resolve("a/b"));
      Files.createSymbolicLink(scratch.folder().resolve("a/link"), outside);
    }
    assertThat(parent).isEmptyDirectory();
    assertThat(precious).exists();
  }

  @Test
  void aToolThatTakesTooLongIsEndedAndQuoted() throws Exception {
    try (var scratch = new Scratch(parent)) {
      assertThatThrownBy(() ->
              scratch
                  .tool()
                  .run(
                      List.of("/bin/sh", "-c", "echo halfway >&2; exec sleep 60"),
                      Map.of(),
                      Duration.ofMillis(500)))
          .isInstanceOf(BlueprintException.class)
          .hasMessageContaining("longer than")
          .hasMessageContaining("halfway");
    }
  }

  @Test
  void aToolThatFailsIsQuotedFromItsEnd() throws Exception {
    try (var scratch = new Scratch(parent)) {
      assertThatThrownBy(() ->
              scratch
                  .tool()
                  .check(
                      "do it",
                      List.of("/bin/sh", "-c", "seq 1000 >&2; echo broken >&2; exit 7"),
                      Map.of(),
                      Duration.ofSeconds(20)))
          .hasMessageContaining("could not do it")
          .hasMessageContaining("status 7")
          .hasMessageContaining("broken")
          .hasMessageNotContaining("\n900\n");
    }
  }

  @Test
  void anInterruptEndsTheTool() throws Exception {
    try (var scratch = new Scratch(parent)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() ->
              scratch.tool().run(List.of("/bin/sleep", "60"), Map.of(), Duration.ofSeconds(60)))
          .isInstanceOf(InterruptedException.class);
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void aMissingToolNamesItsPackage() {
    assertThatThrownBy(() -> Tool.find("no-such-command", "some-package"))
        .hasMessageContaining("apt-get install some-package");
  }
}
