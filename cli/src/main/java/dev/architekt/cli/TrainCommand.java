package dev.architekt.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Loads what every start needs, so that the cache which is recorded meanwhile holds it. */
@Command(name = "train", hidden = true)
final class TrainCommand implements Runnable {
  @Override
  public void run() {
    CommandLine line = Main.commandLine();
    line.getUsageMessage();
    line.getSubcommands().values().forEach(CommandLine::getUsageMessage);
    dev.architekt.node.Warmup.run();
  }
}
