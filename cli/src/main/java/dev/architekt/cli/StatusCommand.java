package dev.architekt.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.architekt.cli.text.Table;
import dev.architekt.node.CommandName;
import dev.architekt.node.peer.Abandoned;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code architekt status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Shows the VMs of this host, or what one peer is doing.", ""},
    footer = {
      "",
      "Exit status 0, or 1 when a process is gone whose VM may run on.",
      "",
      "Examples:",
      "  architekt status",
      "  architekt status --cache-base-dir out/node-1"
    })
final class StatusCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = {"--cache-base-dir", "--state-dir"},
      paramLabel = "DIR",
      description = "Only this peer's directory, in full (default: all of this host).")
  Optional<Path> directory = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object a VM.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    return directory.isPresent() ? one(directory.get()) : all();
  }

  private int all() throws IOException {
    Table table = new Table("instance", "address", "phase", "epoch", "peer", "directory");
    boolean peerGone = false;
    boolean packagerGone = false;
    for (Path path : StateDirectory.inUse()) {
      JsonNode found = Selection.status(path).orElse(JSON.createObjectNode());
      boolean alive = Abandoned.owner(path).isPresent();
      peerGone |= !alive && !isPackager(found);
      packagerGone |= !alive && isPackager(found);
      if (json) {
        ObjectNode line = found.deepCopy();
        line.put("directory", path.toString()).put("peerAlive", alive);
        System.out.println(line);
        continue;
      }
      table.row(
          found.path("name").asText("-"),
          found.path("address").asText("-"),
          found.path("phase").asText("arriving").toLowerCase(java.util.Locale.ROOT),
          found.path("epoch").asText("-"),
          alive ? found.path("pid").asText("yes") : "gone",
          path.toString());
    }
    if (!json && table.isEmpty()) {
      System.out.println(
          "no VM runs on this host; start one with: "
              + CommandName.typed()
              + " peer --raddr HOST:PORT");
    } else if (!json) {
      table.lines().forEach(System.out::println);
    }
    if (peerGone) {
      System.err.println(
          "architekt: a peer is gone, and its VM may run on; go on with it: "
              + CommandName.typed()
              + " peer --cache-base-dir DIRECTORY");
    }
    if (packagerGone) {
      System.err.println(
          "architekt: a packager is gone, and its VM may run on; there is no package to come of it:"
              + " end it with: "
              + CommandName.typed()
              + " stop --cache-base-dir DIRECTORY");
    }
    return peerGone || packagerGone ? 1 : 0;
  }

  /** Whether what is, or was, at work there makes a package. */
  private static boolean isPackager(JsonNode status) {
    return status.path("role").asText().equals("packager");
  }

  private int one(Path path) throws IOException {
    JsonNode status =
        Selection.status(path)
            .orElseThrow(() ->
                new IOException(
                    "no peer is at work in "
                        + path
                        + "; `"
                        + CommandName.typed()
                        + " status` shows those of this host"));
    if (json) {
      System.out.println(status);
    } else {
      status
          .properties()
          .forEach(
              field -> System.out.printf("%-16s %s%n", field.getKey(), field.getValue().asText()));
    }
    if (Abandoned.owner(path).isEmpty()) {
      System.err.println(
          isPackager(status)
              ? "architekt: that packager has ended without a word; its VM may run on, and no package"
                  + " will come of it. End it with: "
                  + CommandName.typed()
                  + " stop --cache-base-dir "
                  + path
              : "architekt: that peer has ended without a word; its VM may run on. Go on with it: "
                  + CommandName.typed()
                  + " peer --cache-base-dir "
                  + path);
      return 1;
    }
    return 0;
  }
}
