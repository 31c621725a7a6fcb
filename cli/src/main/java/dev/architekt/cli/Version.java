package dev.architekt.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"architekt 0.1.0", "JVM " + Runtime.version()};
  }
}
