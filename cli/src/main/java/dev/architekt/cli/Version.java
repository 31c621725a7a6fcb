package dev.architekt.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  /** This program and its version. */
  static final String PROGRAM = "architekt 0.1.0";

  @Override
  public String[] getVersion() {
    return new String[] {PROGRAM, "JVM " + Runtime.version()};
  }
}
