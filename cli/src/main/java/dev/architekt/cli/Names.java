package dev.architekt.cli;

/** What the command is called. */
final class Names {
  private Names() {}

  /** As the person typed it, such as {@code ./architekt}; for lines to copy. */
  static String command() {
    return System.getenv().getOrDefault("ARCHITEKT_COMMAND", "./architekt");
  }
}
