package dev.architekt.cli;

import dev.architekt.cli.manual.ManualPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code architekt manual}: for whoever packages this program. */
@Command(
    name = "manual",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = {"Writes a manual page for each command, in roff.", ""},
    footer = {"", "Example:", "  architekt manual --output man1"})
final class ManualCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder to fill, one file a command.")
  Path folder;

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(folder);
    Deque<CommandLine> rest = new ArrayDeque<>();
    rest.add(Main.commandLine());
    while (!rest.isEmpty()) {
      CommandLine line = rest.poll();
      CommandSpec spec = line.getCommandSpec();
      if (spec.usageMessage().hidden()) {
        continue;
      }
      Files.writeString(
          folder.resolve(ManualPage.name(spec) + ".1"),
          ManualPage.of(spec, date(), Version.PROGRAM));
      line.getSubcommands().values().stream().distinct().forEach(rest::add);
    }
    return 0;
  }

  /** That of SOURCE_DATE_EPOCH, as reproducible builds have it; else today. */
  private static String date() {
    String epoch = System.getenv("SOURCE_DATE_EPOCH");
    Instant instant =
        epoch != null && epoch.matches("[0-9]{1,11}")
            ? Instant.ofEpochSecond(Long.parseLong(epoch))
            : Instant.now();
    return instant.atZone(ZoneOffset.UTC).toLocalDate().toString();
  }
}
