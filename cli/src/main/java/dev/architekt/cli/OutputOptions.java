package dev.architekt.cli;

import dev.architekt.cli.text.Terminal;
import dev.architekt.node.Output;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a command speaks. */
final class OutputOptions {
  @Option(
      names = "--log-format",
      paramLabel = "FORM",
      defaultValue = "text",
      completionCandidates = Forms.class,
      description =
          "text: sentences; json: one JSON object a line, with its event's name and time (default: ${DEFAULT-VALUE}).")
  String form;

  @Option(names = "--json", description = "The same as --log-format json.")
  boolean json;

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  /** What the shell completes. */
  static final class Forms implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("text", "json").iterator();
    }
  }

  Output open() {
    if (!form.equals("text") && !form.equals("json")) {
      throw new ParameterException(
          spec.commandLine(), "--log-format " + form + ": expected text or json");
    }
    return new Output(System.out, json || form.equals("json"), Terminal.standardOutput().moving());
  }
}
