package dev.architekt.cli.demo;

import java.util.List;
import java.util.stream.Collectors;

/** A command as a person would type it: what a shell would take apart is quoted. */
final class CommandText {
  private CommandText() {}

  static String of(List<String> words) {
    return words.stream().map(CommandText::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
