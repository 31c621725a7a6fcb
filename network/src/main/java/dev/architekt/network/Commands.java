package dev.architekt.network;

import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs {@code ip} and {@code nft}, in the network namespace of the calling thread. For set-up and
 * removal only; what is on the way of a switch talks to the kernel itself.
 */
final class Commands {
  private static final int SECONDS_MAX = 20;
  private static final int OUTPUT_MAX = 1 << 20;

  private Commands() {}

  /** Runs {@code command} with {@code input} and gives back what it printed. */
  static String run(List<String> command, String input) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new NetworkException(
          Problem.TOOL_MISSING,
          "cannot run " + command.getFirst() + " (" + e.getMessage() + ")",
          "apt-get install iproute2 nftables",
          e);
    }
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // It ended without reading everything: its output and status say why.
      }
      // The first reads to the end or to the bound; whoever prints more than that is stuck, and
      // killed.
      String output =
          new String(process.getInputStream().readNBytes(OUTPUT_MAX), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        throw failed(command, "did not end in " + SECONDS_MAX + " s", output);
      }
      if (process.exitValue() != 0) {
        throw failed(command, "exit status " + process.exitValue(), output);
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(command, "interrupted", "");
    } finally {
      process.destroyForcibly();
    }
  }

  static String run(String... command) throws IOException {
    return run(List.of(command), "");
  }

  /** Runs the lines as one {@code ip} batch; it stops at the first that fails. */
  static void ip(String... lines) throws IOException {
    run(List.of("ip", "-batch", "-"), String.join("\n", lines) + "\n");
  }

  /** Loads the rules as one transaction. */
  static void nft(String rules) throws IOException {
    run(List.of("nft", "-f", "-"), rules);
  }

  private static NetworkException failed(List<String> command, String how, String output) {
    return new NetworkException(
        Problem.COMMAND_FAILED,
        "`" + String.join(" ", command) + "` failed, " + how + ": " + output.strip(),
        "");
  }
}
