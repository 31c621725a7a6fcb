package dev.architekt.cli;

import dev.architekt.cli.text.Terminal;
import dev.architekt.node.Output;
import picocli.CommandLine.Option;

/** How a command speaks. */
final class OutputOptions {
  @Option(names = "--json", description = "Print one JSON object a line instead of sentences.")
  boolean json;

  Output open() {
    return new Output(System.out, json, Terminal.standardOutput().moving());
  }
}
