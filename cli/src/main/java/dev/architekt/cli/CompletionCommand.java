package dev.architekt.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code architekt completion}. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {"Prints what makes bash and zsh complete this command's words.", ""},
    footer = {
      "",
      "Examples:",
      "  source <(architekt completion)                                      (this shell)",
      "  architekt completion > /etc/bash_completion.d/architekt             (every shell)"
    })
final class CompletionCommand implements Runnable {
  @Override
  public void run() {
    System.out.print(AutoComplete.bash("architekt", Main.commandLine()));
  }
}
