package dev.architekt.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code architekt probe}: the client that the demo and the benchmarks run as a process of its own.
 */
@Command(
    name = "probe",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = {
      "A client of a VM, as the demo runs it: obeys one JSON command a line on standard input, answers each with one"
          + " JSON object, ends with its input.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt probe gap 10.77.0.50:6379        asks Redis every millisecond",
      "  architekt probe load L1 10.77.0.50:6379 1  writes, and keeps a journal (the last word is a seed)",
      "  architekt probe clock 10.77.0.50:1341      asks the guest for its boot id and its clock",
      "Commands: {\"command\":\"snapshot\"}, {\"command\":\"mark\",\"label\":\"x\"}, {\"command\":\"stop\"}"
    })
final class ProbeCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "WORD", description = "What to be, and for whom.")
  List<String> arguments = List.of();

  @Override
  public Integer call() throws Exception {
    dev.architekt.probe.Probe.main(arguments.toArray(String[]::new));
    return 0;
  }
}
