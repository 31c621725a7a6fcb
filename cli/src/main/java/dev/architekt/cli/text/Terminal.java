package dev.architekt.cli.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What standard output can show. */
public final class Terminal {
  private static final String BOLD = "\u001b[1m";
  private static final String DIM = "\u001b[2m";
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String YELLOW = "\u001b[33m";
  private static final String PLAIN = "\u001b[0m";

  /** Goes back to the start of the line and empties it. */
  public static final String CLEAR_LINE = "\r\u001b[K";

  private final boolean moving;
  private final boolean coloured;

  /**
   * @param moving whether a line may be drawn over
   * @param coloured whether text may be coloured
   */
  public Terminal(boolean moving, boolean coloured) {
    this.moving = moving;
    this.coloured = coloured;
  }

  /**
   * Standard output as it is: neither for a file or a pipe, no colours where NO_COLOR is set. The
   * JVM's own console would also ask that standard input be a terminal.
   */
  public static Terminal standardOutput() {
    boolean terminal = isTerminal(1) && !"dumb".equals(System.getenv("TERM"));
    return new Terminal(terminal, terminal && System.getenv("NO_COLOR") == null);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.matches("/dev/(pts/[0-9]+|tty.*|console)");
    } catch (IOException e) {
      return false;
    }
  }

  public boolean moving() {
    return moving;
  }

  public String bold(String text) {
    return in(BOLD, text);
  }

  public String dim(String text) {
    return in(DIM, text);
  }

  public String good(String text) {
    return in(GREEN, text);
  }

  public String bad(String text) {
    return in(RED, text);
  }

  public String warning(String text) {
    return in(YELLOW, text);
  }

  private String in(String colour, String text) {
    return coloured ? colour + text + PLAIN : text;
  }
}
