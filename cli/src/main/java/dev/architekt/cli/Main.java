package dev.architekt.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./architekt}: one sub-command a role. */
@Command(
    name = "architekt",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Moves running virtual machines between hosts while their clients stay connected.",
      ""
    },
    footer = {
      "",
      "See it move:",
      "  architekt demo",
      "Or by hand, on one machine:",
      "  architekt blueprint --package redis-server",
      "  architekt packager",
      "  architekt registry",
      "  architekt peer --raddr localhost:1337",
      "",
      "`architekt COMMAND --help` shows each command with examples; `architekt doctor` says what this host lacks."
    },
    subcommands = {
      DemoCommand.class,
      BlueprintCommand.class,
      PackagerCommand.class,
      RegistryCommand.class,
      InspectCommand.class,
      PeerCommand.class,
      StatusCommand.class,
      StopCommand.class,
      ConsoleCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
      ProbeCommand.class,
      TrainCommand.class
    })
public final class Main implements Runnable {
  /** The exit status of a command line that cannot be understood. */
  static final int USAGE = 2;

  @Spec CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(
        (failure, command, result) -> Failures.report(failure, command.getErr()));
    line.setParameterExceptionHandler(Main::explain);
    line.setUsageHelpAutoWidth(true);
    return line;
  }

  private static int explain(ParameterException mistake, String[] args) {
    CommandLine command = mistake.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("architekt: " + mistake.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(mistake, err);
    err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return USAGE;
  }
}
