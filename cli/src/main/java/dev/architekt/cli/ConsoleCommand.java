package dev.architekt.cli;

import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code architekt console}. */
@Command(
    name = "console",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Shows what a VM of this host has written to its console.", ""},
    footer = {
      "",
      "Examples:",
      "  architekt console                            (the only VM of this host)",
      "  architekt console redis-server --follow      (until Ctrl-C, or until the VM has gone)"
    })
final class ConsoleCommand implements Callable<Integer> {
  private static final int PIECE = 64 << 10;
  private static final long WAIT_MILLIS = 200;

  @Mixin Selection selection;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what it writes from now on.")
  boolean follow;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Selection.Found vm = selection.find();
    Path file = StateDirectory.socketsOf(vm.directory()).resolve("console.log");
    if (!Files.isReadable(file)) {
      throw new IOException(
          vm.name() + ": no console at " + file + "; the VM has not started here, or has gone");
    }
    try (RandomAccessFile console = new RandomAccessFile(file.toFile(), "r")) {
      copy(console);
      while (follow && Files.exists(file)) {
        Thread.sleep(WAIT_MILLIS);
        if (console.length() < console.getFilePointer()) {
          console.seek(0); // its beginning was cut off, or another VM began
        }
        copy(console);
      }
    }
    return 0;
  }

  private static void copy(RandomAccessFile console) throws IOException {
    byte[] piece = new byte[PIECE];
    for (int n = console.read(piece); n > 0; n = console.read(piece)) {
      System.out.write(piece, 0, n);
    }
    System.out.flush();
  }
}
