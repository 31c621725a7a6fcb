package dev.architekt.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.node.peer.StatusFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code architekt status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Shows what the peer of a state directory is doing.", ""},
    footer = {"", "Example:", "  architekt status --cache-base-dir out/node-1"})
final class StatusCommand implements Callable<Integer> {
  @Option(
      names = {"--cache-base-dir", "--state-dir"},
      paramLabel = "DIR",
      defaultValue = "out/cache",
      description = "The peer's directory (default: ${DEFAULT-VALUE}).")
  Path directory;

  @Option(names = "--json", description = "Print the status as one JSON object.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    Path file = directory.resolve(StatusFile.NAME);
    if (!Files.exists(file)) {
      throw new IOException(
          "no peer is at work in "
              + directory
              + "; start one with: architekt peer --cache-base-dir "
              + directory);
    }
    byte[] bytes = Files.readAllBytes(file);
    JsonNode status = new ObjectMapper().readTree(bytes);
    boolean alive = ProcessHandle.of(status.path("pid").asLong()).isPresent();
    if (json) {
      System.out.println(status);
    } else {
      status
          .properties()
          .forEach(
              field -> System.out.printf("%-16s %s%n", field.getKey(), field.getValue().asText()));
    }
    if (!alive) {
      System.err.println(
          "architekt: that peer has ended without a word; its VM may run on: architekt peer"
              + " --cache-base-dir "
              + directory
              + " goes on with it");
      return 1;
    }
    return 0;
  }
}
