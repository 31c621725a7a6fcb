package dev.architekt.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code architekt probe}: the client that the demo and the benchmarks run as a process of its own.
 */
@Command(name = "probe", hidden = true)
final class ProbeCommand implements Callable<Integer> {
  @Parameters(arity = "0..*")
  List<String> arguments = List.of();

  @Override
  public Integer call() throws Exception {
    dev.architekt.probe.Probe.main(arguments.toArray(String[]::new));
    return 0;
  }
}
