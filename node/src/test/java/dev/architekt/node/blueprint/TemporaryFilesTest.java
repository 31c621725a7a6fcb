package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What packages want made at boot, in a shell's words. */
class TemporaryFilesTest {
  @TempDir Path root;

  private static String command(String line) {
    return TemporaryFiles.command(line).orElse("");
  }

  @Test
  void foldersGetOwnerAndMode() {
    assertThat(command("d /run/postgresql 2775 postgres postgres - -"))
        .isEqualTo(
            "{ mkdir -p /run/postgresql; } && chown postgres:postgres /run/postgresql"
                + " && chmod 2775 /run/postgresql");
    assertThat(command("d /var/run/web")).isEqualTo("{ mkdir -p /run/web; }");
  }

  @Test
  void filesAndLinksAreMadeOnce() {
    assertThat(command("f /run/web/state 0600 www - - it's new"))
        .isEqualTo(
            "{ [ -e /run/web/state ] || printf '%s' 'it'\\''s new' >/run/web/state; }"
                + " && chown www: /run/web/state && chmod 0600 /run/web/state");
    assertThat(command("L+ /run/a - - - - /etc/b"))
        .isEqualTo("{ [ -e /run/a ] || ln -sfn '/etc/b' /run/a; }");
  }

  @Test
  void whatOnlyCleansUpAndWhatIsNoPathIsLeftOut() {
    for (String line : new String[] {"# d /x", "", "x /tmp/a", "R /tmp/b", "d relative", "d"}) {
      assertThat(command(line)).isEmpty();
    }
    assertThat(command("d /run/%b")).isEmpty();
  }

  @Test
  void aFileInEtcReplacesThatOfTheSameName() throws IOException {
    write("usr/lib/tmpfiles.d/a.conf", "d /run/old\n");
    write("etc/tmpfiles.d/a.conf", "d /run/new\n");
    TemporaryFiles.write(root);
    Path script = root.resolve(TemporaryFiles.SCRIPT);
    assertThat(script).isExecutable();
    assertThat(script).content().contains("/run/new").doesNotContain("/run/old");
  }

  private void write(String path, String text) throws IOException {
    Files.createDirectories(root.resolve(path).getParent());
    Files.writeString(root.resolve(path), text);
  }
}
