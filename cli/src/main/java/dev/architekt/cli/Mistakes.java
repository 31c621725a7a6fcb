package dev.architekt.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a first mistake on the command line is called, so that the second try is right. */
final class Mistakes {
  private Mistakes() {}

  /** The mistake, and how the word should have been given where that can be told. */
  static String explain(ParameterException mistake) {
    if (!(mistake instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()
        || unmatched.isUnknownOption()) {
      return mistake.getMessage();
    }
    String word = unmatched.getUnmatched().getFirst();
    CommandSpec command = mistake.getCommandLine().getCommandSpec();
    if (command == command.root()) {
      return "no command '" + word + "'";
    }
    return "'"
        + word
        + "' is not expected here"
        + command.options().stream()
            .filter(option -> option.arity().max() > 0 && !option.hidden())
            .findFirst()
            .map(option ->
                "; values follow the name of their option, as in "
                    + option.longestName()
                    + " "
                    + word)
            .orElse("");
  }
}
