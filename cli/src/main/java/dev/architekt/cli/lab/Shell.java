package dev.architekt.cli.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end, within a time limit. */
public final class Shell {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Shell() {}

  /**
   * What the command printed on both streams; any exit status but 0 is an exception that shows it.
   */
  public static String run(String... command) throws IOException, InterruptedException {
    return run(LIMIT, List.of(command));
  }

  public static String run(Duration limit, List<String> command)
      throws IOException, InterruptedException {
    Result result = attempt(limit, command);
    if (result.status() != 0) {
      throw new IOException(
          String.join(" ", command) + ": exit status " + result.status() + ": " + result.output());
    }
    return result.output();
  }

  /** A command's end: its exit status and all that it printed. */
  public record Result(int status, String output) {}

  /** As {@link #run}, but a failure is an answer too. */
  public static Result attempt(Duration limit, List<String> command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    try {
      StringBuilder output = new StringBuilder();
      Thread reader =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try (var in = process.getInputStream()) {
                  output.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                  output.append(e.getMessage());
                }
              });
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            String.join(" ", command) + ": no end within " + limit.toSeconds() + " s");
      }
      reader.join(LIMIT);
      return new Result(process.exitValue(), output.toString().strip());
    } finally {
      process.destroyForcibly();
    }
  }
}
