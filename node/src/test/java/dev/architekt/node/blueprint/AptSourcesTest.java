package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host's sources serve the guest, but only those of Debian's own release. */
class AptSourcesTest {
  @TempDir Path apt;

  private String text() throws IOException {
    return new AptSources(apt, "bookworm").text();
  }

  private void part(String name, String content) throws IOException {
    Files.createDirectories(apt.resolve("sources.list.d"));
    Files.writeString(apt.resolve("sources.list.d").resolve(name), content);
  }

  @Test
  void stanzasOfTheReleaseAreTakenWithTheirKeys() throws IOException {
    part(
        "debian.sources",
        """
        # The archive.
        Types: deb deb-src
        URIs: http://mirror.example/debian
        Suites: bookworm bookworm-updates bookworm-backports
        Components: main
        Signed-By: /keys/debian.gpg

        Types: deb
        URIs: http://mirror.example/tool
        Suites: tool-bookworm
        Components: main
        """);
    assertThat(text())
        .isEqualTo(
            """
            Types: deb
            URIs: http://mirror.example/debian
            Suites: bookworm bookworm-updates
            Components: main
            Signed-By: /keys/debian.gpg
            """);
  }

  @Test
  void oneLineEntriesAreTakenToo() throws IOException {
    Files.writeString(
        apt.resolve("sources.list"),
        """
        deb [arch=amd64 signed-by=/keys/d.gpg] http://mirror.example/debian bookworm main contrib
        deb http://mirror.example/other trixie main
        deb-src http://mirror.example/debian bookworm main
        # deb http://mirror.example/commented bookworm main
        """);
    assertThat(text())
        .isEqualTo(
            """
            Types: deb
            URIs: http://mirror.example/debian
            Suites: bookworm
            Components: main contrib
            Signed-By: /keys/d.gpg
            """);
  }

  @Test
  void sourcesThatAreSwitchedOffStayOff() throws IOException {
    part(
        "off.sources",
        "Enabled: no\nTypes: deb\nURIs: http://mirror.example/d\nSuites: bookworm\nComponents: main\n");
    assertThatThrownBy(this::text)
        .isInstanceOf(BlueprintException.class)
        .hasMessageContaining("--mirror");
  }
}
