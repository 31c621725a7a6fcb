package dev.architekt.cli;

/** {@code ./architekt}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("architekt");
  }
}
