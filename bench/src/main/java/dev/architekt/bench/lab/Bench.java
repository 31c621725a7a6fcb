package dev.architekt.bench.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/**
 * A command that measures VMs and prints what it finds: ended by Ctrl-C it cleans up, and its
 * figures can go to a file as well.
 */
public abstract class Bench implements Callable<Integer> {
  /** Which QEMU runs a guest beside ours, unless the command says otherwise. */
  public static final String QEMU = "/usr/bin/qemu-system-x86_64";

  @Option(
      names = "--json",
      paramLabel = "FILE",
      order = 100, // below the options of the command itself
      description = "Write the figures to FILE.")
  Optional<Path> json = Optional.empty();

  /** Throws {@link IllegalArgumentException} if the options make no sense; nothing has run yet. */
  protected abstract void check();

  /** Measures and prints; what goes to the file. Cleans up, also when it is interrupted. */
  protected abstract Object measure() throws IOException, InterruptedException;

  /** What else is made of the figures, once they are in their file. */
  protected void finish() throws IOException {}

  @Override
  public final Integer call() throws Exception {
    check();
    return Scenario.run(() -> {
      Object figures = measure();
      if (json.isPresent()) {
        new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .writeValue(json.get().toFile(), figures);
      }
      finish();
      return 0;
    });
  }

  /** The hosts that it measures on; to be closed by the caller. */
  protected static Rig rig() throws IOException, InterruptedException {
    return Rig.create("bench");
  }
}
