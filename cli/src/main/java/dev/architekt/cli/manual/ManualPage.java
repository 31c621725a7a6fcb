package dev.architekt.cli.manual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** One command's page in section 1 of the manual, out of what {@code --help} is made from. */
public final class ManualPage {
  private static final int SECTION = 1;
  private static final int SYNOPSIS_COLUMNS = 10_000;

  private static final List<Map.Entry<String, String>> STATUS =
      List.of(
          Map.entry("0", "Done."),
          Map.entry("1", "It failed; the message says at what, and what to do."),
          Map.entry("2", "The command line cannot be understood; nothing was done."),
          Map.entry("130", "Interrupted by Ctrl-C."));

  private final CommandSpec command;
  private final String date;
  private final String version;
  private final Roff roff = new Roff();

  private ManualPage(CommandSpec command, String date, String version) {
    this.command = command;
    this.date = date;
    this.version = version;
  }

  /** The page's name without its section: {@code architekt-peer}. */
  public static String name(CommandSpec command) {
    return command.qualifiedName("-");
  }

  /**
   * The page's text.
   *
   * @param date as it is printed, such as {@code 2026-01-01}
   * @param version of the program, such as {@code architekt 0.1.0}
   */
  public static String of(CommandSpec command, String date, String version) {
    return new ManualPage(command, date, version).write();
  }

  private String write() {
    roff.title(
        name(command).toUpperCase(java.util.Locale.ROOT), SECTION, date, version, "Architekt");
    List<String> description = lines(command.usageMessage().description());
    roff.section("NAME").text(name(command) + " - " + summary(description));
    roff.section("SYNOPSIS");
    synopsis();
    roff.section("DESCRIPTION");
    prose(description);
    arguments();
    commands();
    footer();
    roff.section("EXIT STATUS");
    STATUS.forEach(entry -> roff.term(entry.getKey(), "").text(entry.getValue()));
    seeAlso();
    return roff.page();
  }

  private static List<String> lines(String[] raw) {
    return Arrays.stream(raw).flatMap(text -> text.lines()).map(String::stripTrailing).toList();
  }

  /** The first clause, as {@code apropos} shows it. */
  private static String summary(List<String> description) {
    String first = description.stream().filter(line -> !line.isBlank()).findFirst().orElse("");
    String clause = first.replaceFirst("[:.;](\\s.*)?$", "");
    return Character.toLowerCase(clause.charAt(0)) + clause.substring(1);
  }

  private void synopsis() {
    command.usageMessage().width(SYNOPSIS_COLUMNS); // one line: the viewer knows better
    roff.text(
        new CommandLine.Help(command)
            .synopsis(0)
            .replaceAll("\\u001B\\[[;\\d]*m", "") // colours
            .replaceAll("\\s+", " ")
            .strip());
  }

  /** Paragraphs between blank lines; what is indented stays as it is. */
  private void prose(List<String> lines) {
    List<String> verbatim = new ArrayList<>();
    boolean paragraph = false;
    for (String line : lines) {
      if (line.startsWith(" ")) {
        verbatim.add(line);
        continue;
      }
      paragraph |= flush(verbatim);
      if (line.isBlank()) {
        paragraph = true;
        continue;
      }
      if (paragraph) {
        roff.paragraph();
      }
      paragraph = false;
      roff.text(line);
    }
    flush(verbatim);
  }

  private boolean flush(List<String> verbatim) {
    if (verbatim.isEmpty()) {
      return false;
    }
    roff.verbatim(List.copyOf(verbatim));
    verbatim.clear();
    return true;
  }

  private void arguments() {
    List<PositionalParamSpec> positionals =
        command.positionalParameters().stream().filter(p -> !p.hidden()).toList();
    List<OptionSpec> options = command.options().stream().filter(o -> !o.hidden()).toList();
    if (positionals.isEmpty() && options.isEmpty()) {
      return;
    }
    roff.section("OPTIONS");
    for (PositionalParamSpec positional : positionals) {
      roff.term(positional.paramLabel(), "");
      describe(positional);
    }
    for (OptionSpec option : options) {
      roff.term(
          String.join(", ", option.names()), option.arity().max() == 0 ? "" : option.paramLabel());
      describe(option);
    }
  }

  private void describe(ArgSpec argument) {
    String text = String.join(" ", lines(argument.description()));
    roff.text(text.isBlank() ? "No description." : text);
  }

  private void commands() {
    List<CommandSpec> shown = shown(command);
    if (shown.isEmpty()) {
      return;
    }
    roff.section("COMMANDS");
    for (CommandSpec sub : shown) {
      List<String> description = lines(sub.usageMessage().description());
      roff.term(sub.name(), "").text(description.isEmpty() ? "" : description.getFirst());
    }
  }

  private static List<CommandSpec> shown(CommandSpec command) {
    return command.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(sub -> !sub.usageMessage().hidden())
        .distinct()
        .toList();
  }

  /** What the help says last: notes, and examples under a heading of their own. */
  private void footer() {
    List<String> footer = lines(command.usageMessage().footer());
    List<String> notes = new ArrayList<>();
    List<String> examples = new ArrayList<>();
    boolean inExamples = false;
    for (String line : footer) {
      if (line.matches("Examples?:.*")) {
        inExamples = true;
        String rest = line.replaceFirst("Examples?:\\s*", "");
        if (!rest.isEmpty()) {
          examples.add("  " + rest);
        }
        continue;
      }
      (inExamples ? examples : notes).add(line);
    }
    if (notes.stream().anyMatch(line -> !line.isBlank())) {
      roff.section("NOTES");
      prose(withoutBlankEnds(notes));
    }
    if (!examples.isEmpty()) {
      roff.section("EXAMPLES");
      prose(withoutBlankEnds(examples));
    }
  }

  private static List<String> withoutBlankEnds(List<String> lines) {
    List<String> rest = new ArrayList<>(lines);
    while (!rest.isEmpty() && rest.getFirst().isBlank()) {
      rest.removeFirst();
    }
    while (!rest.isEmpty() && rest.getLast().isBlank()) {
      rest.removeLast();
    }
    return rest;
  }

  private void seeAlso() {
    CommandSpec root = command.root();
    List<String> others = new ArrayList<>();
    if (command != root) {
      others.add(name(root) + "(" + SECTION + ")");
    }
    for (CommandSpec sub : shown(root)) {
      if (sub != command) {
        others.add(name(sub) + "(" + SECTION + ")");
      }
    }
    roff.section("SEE ALSO").text(String.join(", ", others));
  }
}
