package dev.architekt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A page for each command, with each of its options, that groff sets without a warning. */
final class ManualCommandTest {
  @TempDir Path folder;

  private List<Path> pages() throws IOException {
    assertThat(Main.commandLine().execute("manual", "--output", folder.toString())).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void everyCommandThatHelpShowsHasAPageWithAllItsOptions() throws IOException {
    List<Path> pages = pages();
    int shown = 1;
    for (CommandLine line : Main.commandLine().getSubcommands().values()) {
      var spec = line.getCommandSpec();
      if (spec.usageMessage().hidden()) {
        continue;
      }
      shown++;
      Path page = folder.resolve("architekt-" + spec.name() + ".1");
      assertThat(pages).contains(page);
      String text = Files.readString(page);
      spec.options().stream()
          .filter(option -> !option.hidden())
          .forEach(option ->
              assertThat(text)
                  .as(page + " has " + option)
                  .contains(option.longestName().replace("-", "\\-")));
      assertThat(text)
          .contains(".SH EXAMPLES")
          .doesNotContain("${")
          .doesNotContain("No description");
    }
    assertThat(pages).hasSizeGreaterThanOrEqualTo(shown);
    assertThat(folder.resolve("architekt.1")).content().contains(".SH COMMANDS");
  }

  @Test
  void groffSetsEveryPageWithoutAWarning() throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/groff")),
        "no groff here; install it with: apt-get install groff-base");
    for (Path page : pages()) {
      Process groff =
          new ProcessBuilder("groff", "-man", "-Tutf8", "-ww", "-z", page.toString())
              .redirectErrorStream(true)
              .start();
      try (InputStream out = groff.getInputStream()) {
        assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8))
            .as(page.toString())
            .isEmpty();
      }
      assertThat(groff.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(groff.exitValue()).isZero();
    }
  }
}
