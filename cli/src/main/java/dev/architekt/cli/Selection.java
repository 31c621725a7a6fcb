package dev.architekt.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.node.CommandName;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which of this host's VMs a command is about: the only one, unless it is said. */
final class Selection {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(
      arity = "0..1",
      paramLabel = "INSTANCE",
      description = "A VM's name or UUID, as `architekt status` shows it (default: the only one).")
  Optional<String> instance = Optional.empty();

  @Option(
      names = {"--cache-base-dir", "--state-dir"},
      paramLabel = "DIR",
      description = "The directory of the VM's peer, where names are not enough.")
  Optional<Path> directory = Optional.empty();

  /** A VM's peer's directory, and what that last wrote about it. */
  record Found(Path directory, JsonNode status) {
    String name() {
      return status.path("name").asText(directory.toString());
    }
  }

  /** The one that is meant; fails with those that there are. */
  Found find() throws IOException {
    if (directory.isPresent() && !Files.isDirectory(directory.get())) {
      throw new IOException("--cache-base-dir " + directory.get() + ": no such directory");
    }
    if (directory.isPresent()) {
      return found(directory.get());
    }
    List<Found> all = new ArrayList<>();
    for (Path path : StateDirectory.inUse()) {
      if (Files.isDirectory(path)) { // not one that somebody has removed under its VM
        all.add(found(path));
      }
    }
    List<Found> meant =
        instance.isEmpty() ? all : all.stream().filter(f -> isMeant(f, instance.get())).toList();
    if (meant.size() == 1) {
      return meant.getFirst();
    }
    throw new IOException(
        all.isEmpty()
            ? "no VM runs on this host"
            : (meant.isEmpty()
                    ? "no VM of this host is called " + instance.get()
                    : meant.size() + " VMs of this host could be meant")
                + ": name one of these by --cache-base-dir, or see `"
                + CommandName.typed()
                + " status`: "
                + String.join(
                    ", ", all.stream().map(f -> f.directory() + " (" + f.name() + ")").toList()));
  }

  private static boolean isMeant(Found found, String wanted) {
    return found.status().path("name").asText().equals(wanted)
        || found.status().path("instance").asText().equals(wanted);
  }

  /** What the process of {@code directory} last wrote about its VM; empty before it has. */
  static Optional<JsonNode> status(Path directory) throws IOException {
    Path file = directory.resolve(StateDirectory.STATUS);
    return Files.exists(file)
        ? Optional.of(JSON.readTree(Files.readAllBytes(file)))
        : Optional.empty();
  }

  private static Found found(Path directory) throws IOException {
    return new Found(directory, status(directory).orElse(JSON.createObjectNode()));
  }
}
