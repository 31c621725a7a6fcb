package dev.architekt.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.cli.text.FileTail;
import dev.architekt.node.LogFile;
import dev.architekt.node.peer.Peer;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt logs}. */
@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what the peer or runner of a VM of this host has said, and the end of the guest's console.",
      "",
      "Each keeps its last two megabytes in its directory (peer.log and peer.log.1).",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt logs                               (the only VM of this host)",
      "  architekt logs redis-server --follow",
      "  architekt logs --cache-base-dir out/node-1   (also of one that has ended)",
      "  architekt logs redis-server --log-format json | jq .event"
    })
final class LogsCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LINES_MAX = 1_000_000;
  private static final long WAIT_MILLIS = 200;

  @Mixin Selection selection;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "100",
      description = "How many lines of the peer (default: ${DEFAULT-VALUE}).")
  int lines;

  @Option(
      names = "--console-lines",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How many lines of the guest's console; none with --log-format json (default: ${DEFAULT-VALUE}).")
  int consoleLines;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what the peer says from now on, until Ctrl-C.")
  boolean follow;

  @Option(
      names = "--log-format",
      paramLabel = "FORM",
      defaultValue = "text",
      completionCandidates = OutputOptions.Forms.class,
      description = "text, or json: the lines as they are kept (default: ${DEFAULT-VALUE}).")
  String form;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Checks check = new Checks(spec);
    check.between("--lines", lines, 0, LINES_MAX);
    check.between("--console-lines", consoleLines, 0, LINES_MAX);
    check.oneOf("--log-format", form, "text", "json");
    Selection.Found vm = selection.find();
    Path file = vm.directory().resolve(Peer.LOG);
    if (!Files.isReadable(file)) {
      throw new IOException(
          vm.name() + ": no log at " + file + "; no peer or runner has been at work there");
    }
    List<String> kept = new ArrayList<>(FileTail.lines(LogFile.older(file), lines));
    FileTail.Position end = new FileTail.Position(file);
    kept.addAll(end.lines());
    kept.subList(Math.max(0, kept.size() - lines), kept.size()).forEach(this::print);
    if (form.equals("text") && consoleLines > 0) {
      console(vm);
    }
    while (follow) {
      Thread.sleep(WAIT_MILLIS);
      end.lines().forEach(this::print);
      System.out.flush();
    }
    return 0;
  }

  private void print(String line) {
    System.out.println(form.equals("json") ? line : text(line));
  }

  /** A line as a person reads it; package-private for its test. */
  static String text(String line) {
    try {
      JsonNode event = JSON.readTree(line);
      return event.path("at").asText("-") + "  " + event.path("text").asText(line);
    } catch (JsonProcessingException e) {
      return line; // cut off by a crash
    }
  }

  private void console(Selection.Found vm) throws IOException {
    Path file = StateDirectory.socketsOf(vm.directory()).resolve("console.log");
    List<String> last = FileTail.lines(file, consoleLines);
    if (!last.isEmpty()) {
      System.out.println();
      System.out.println("the end of the guest's console:");
      last.forEach(line -> System.out.println("  " + line));
    }
  }
}
