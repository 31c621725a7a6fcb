package dev.architekt.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
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
    })
public final class Main implements Runnable {
  /** The exit status of a command line that cannot be understood. */
  static final int USAGE = 2;

  private static final Set<String> VERSION = Set.of("--version", "-V");

  /** In the order of the help. */
  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          BlueprintCommand.class,
          PackagerCommand.class,
          RegistryCommand.class,
          InspectCommand.class,
          RunnerCommand.class,
          PeerCommand.class,
          StatusCommand.class,
          StopCommand.class,
          ConsoleCommand.class,
          LogsCommand.class,
          IdentityCommand.class,
          TrustCommand.class,
          DoctorCommand.class,
          CompletionCommand.class,
          ProbeCommand.class,
          LinkCommand.class,
          TrainCommand.class,
          ManualCommand.class);

  @Spec CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  public static void main(String[] args) {
    if (args.length == 1 && VERSION.contains(args[0])) {
      // Not even the command line's library: it takes two thirds of such a start.
      List.of(new Version().getVersion()).forEach(System.out::println);
      return;
    }
    System.exit(commandLine(args).execute(args));
  }

  /** All commands. */
  static CommandLine commandLine() {
    return with(COMMANDS);
  }

  /**
   * Only what these words need: to read every command's annotations takes longer than all else of a
   * start.
   */
  private static CommandLine commandLine(String[] args) {
    return COMMANDS.stream()
        .filter(command -> args.length > 0 && name(command).equals(args[0]))
        .findFirst()
        .map(command -> with(List.of(command)))
        .orElseGet(Main::commandLine);
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  private static CommandLine with(List<Class<?>> commands) {
    CommandLine line = new CommandLine(new Main());
    commands.forEach(command -> line.addSubcommand(command));
    line.setExecutionExceptionHandler(
        (failure, command, result) -> Failures.report(failure, command.getErr()));
    line.setParameterExceptionHandler(Main::explain);
    line.setUsageHelpAutoWidth(true);
    return line;
  }

  private static int explain(ParameterException mistake, String[] args) {
    CommandLine command = mistake.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("architekt: " + Mistakes.explain(mistake));
    CommandLine.UnmatchedArgumentException.printSuggestions(mistake, err);
    err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return USAGE;
  }
}
