package dev.architekt.nbd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Other people's NBD clients. */
final class Tools {
  private static final long SECONDS = 60;

  record Result(int status, String output) {}

  private Tools() {}

  /** Skips the test, and says why, if a tool is missing. */
  static void require(String... tools) {
    for (String tool : tools) {
      boolean found = false;
      for (String folder : System.getenv("PATH").split(":")) {
        found |= Files.isExecutable(Path.of(folder, tool));
      }
      Assumptions.assumeTrue(found, tool + " is not installed (packages qemu-utils, libnbd-bin)");
    }
  }

  static Process start(Path output, String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  static Result run(Path temp, String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(temp, "tool", ".txt");
    Process process = start(output, command);
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", command) + " hangs: " + Files.readString(output));
    }
    return new Result(process.exitValue(), Files.readString(output));
  }
}
