package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a system tool within a time limit. Its output goes to files in the build's temporary folder,
 * so that nothing has to be read while it runs; the end of its errors is quoted when it fails.
 */
final class Tool {
  private static final int QUOTED_LINES = 15;
  private static final int QUOTED_BYTES = 8192;
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Path scratch;
  private int runs;
  private volatile Process running;

  Tool(Path scratch) {
    this.scratch = scratch;
  }

  /** Where the commands of an administrator live; an ordinary user's PATH lacks two of these. */
  private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");

  /**
   * @throws BlueprintException naming the package to install when there is no such command
   */
  static String find(String command, String debianPackage) throws BlueprintException {
    for (String folder : FOLDERS) {
      Path path = Path.of(folder, command);
      if (Files.isExecutable(path)) {
        return path.toString();
      }
    }
    throw new BlueprintException(
        "the command '"
            + command
            + "' is missing on this host; install it with: apt-get install "
            + debianPackage);
  }

  /** What a tool said. */
  record Output(int status, String out, String errorsTail) {}

  /** Runs the command to its end, whatever its status. Standard input is empty. */
  Output run(List<String> command, Map<String, String> environment, Duration limit)
      throws IOException, InterruptedException {
    int number = ++runs;
    Path out = scratch.resolve("tool-" + number + ".out");
    Path errors = scratch.resolve("tool-" + number + ".err");
    var builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .directory(scratch.toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    Process process = builder.start();
    running = process;
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        end(process);
        throw new BlueprintException(
            command.getFirst()
                + " was stopped: it ran longer than "
                + limit.toSeconds()
                + " s. Its last words:\n"
                + tail(errors));
      }
    } catch (InterruptedException e) {
      end(process);
      throw e;
    } finally {
      running = null;
    }
    return new Output(
        process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), tail(errors));
  }

  /**
   * Runs the command and expects status 0.
   *
   * @param purpose completes the sentence "could not …"
   */
  String check(
      String purpose, List<String> command, Map<String, String> environment, Duration limit)
      throws IOException, InterruptedException {
    Output output = run(command, environment, limit);
    if (output.status() != 0) {
      throw new BlueprintException(
          "could not "
              + purpose
              + ": "
              + command.getFirst()
              + " ended with status "
              + output.status()
              + ":\n"
              + output.errorsTail());
    }
    return output.out();
  }

  /** Ends what runs now, if anything; from any thread. */
  void stop() {
    Process process = running;
    if (process != null) {
      end(process);
    }
  }

  /**
   * Asks first: mmdebstrap has mounts inside the root that it undoes on SIGTERM. It waits for its
   * children with that, so that they are asked too; what they started in turn is not theirs to end,
   * and ends here.
   */
  private static void end(Process process) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    descendants.forEach(ProcessHandle::destroy);
    boolean interrupted = false;
    long deadline = System.nanoTime() + GRACE.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      try {
        process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        // The caller is already ending; the tool gets its grace all the same.
        interrupted = true;
      }
    }
    descendants.forEach(ProcessHandle::destroyForcibly);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The last lines of a file. */
  static String tail(Path file) throws IOException {
    String text;
    try (var channel = Files.newByteChannel(file)) {
      long size = channel.size();
      channel.position(Math.max(0, size - QUOTED_BYTES));
      var buffer = java.nio.ByteBuffer.allocate((int) Math.min(size, QUOTED_BYTES));
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // until the buffer is full or the file ends
      }
      text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }
    List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size()));
  }
}
