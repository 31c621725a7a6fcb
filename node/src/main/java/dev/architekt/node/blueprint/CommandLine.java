package dev.architekt.node.blueprint;

import java.util.ArrayList;
import java.util.List;

/** A command as systemd writes it, said again in the words of a POSIX shell. */
final class CommandLine {
  private CommandLine() {}

  /**
   * @param words quoted for a shell; the first is the program
   * @param ignoreFailure systemd's {@code -} before the program
   * @param privileged systemd's {@code +} or {@code !}: not as the unit's user
   */
  record Parsed(List<String> words, boolean ignoreFailure, boolean privileged) {
    String text() {
      return String.join(" ", words);
    }
  }

  static Parsed parse(String command) {
    int start = 0;
    boolean ignoreFailure = false;
    boolean privileged = false;
    boolean namesItself = false;
    while (start < command.length() && "-@:+!".indexOf(command.charAt(start)) >= 0) {
      switch (command.charAt(start++)) {
        case '-' -> ignoreFailure = true;
        case '+', '!' -> privileged = true;
        case '@' -> namesItself = true;
        default -> {
          // ':' switches variables off; a literal dollar in a unit is rare enough to expand it all
          // the same.
        }
      }
    }
    List<String> words = new ArrayList<>();
    for (String word : split(command.substring(start))) {
      words.add(quote(word));
    }
    if (namesItself && words.size() > 1) {
      words.remove(1); // The second word was what the program should call itself.
    }
    return new Parsed(words, ignoreFailure, privileged);
  }

  /** Words with systemd's quoting removed. */
  static List<String> split(String command) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    char quote = 0;
    for (int i = 0; i < command.length(); i++) {
      char c = command.charAt(i);
      if (quote == 0 && Character.isWhitespace(c)) {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
        continue;
      }
      if (word == null) {
        word = new StringBuilder();
      }
      if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      } else if (c == '\\' && i + 1 < command.length()) {
        char escaped = command.charAt(++i);
        word.append(
            switch (escaped) {
              case 'n' -> '\n';
              case 't' -> '\t';
              case 's' -> ' ';
              default -> escaped;
            });
      } else {
        word.append(c);
      }
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }

  /**
   * As one shell word, except that {@code $NAME} alone may become several and {@code ${NAME}} is
   * filled in.
   */
  static String quote(String word) {
    if (word.matches("\\$[A-Za-z_][A-Za-z0-9_]*")) {
      return word;
    }
    if (word.matches("[A-Za-z0-9_./:=,@%+-]+")) {
      return word;
    }
    if (word.matches("(?s).*\\$\\{[A-Za-z_][A-Za-z0-9_]*}.*")) {
      return '"'
          + word.replaceAll("([\"\\\\`])", "\\\\$1").replaceAll("\\$(?!\\{)", "\\\\\\$")
          + '"';
    }
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
