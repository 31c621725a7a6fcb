package dev.architekt.node;

/** What the command is called. */
public final class CommandName {
  private CommandName() {}

  /** As the person typed it, such as {@code ./architekt}; for lines to copy. */
  public static String typed() {
    return System.getenv().getOrDefault("ARCHITEKT_COMMAND", "./architekt");
  }
}
