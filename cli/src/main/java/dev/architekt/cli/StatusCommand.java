package dev.architekt.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.architekt.cli.text.Table;
import dev.architekt.node.CommandName;
import dev.architekt.node.Output;
import dev.architekt.node.peer.Abandoned;
import dev.architekt.node.peer.Suspended;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows the VMs of this host, or what one peer is doing.",
      "",
      "missing: bytes that are still elsewhere, and where. dirty/s: RAM that the guest wrote, as the kernel wrote it"
          + " back, over the last minute. wire: whether moves are encrypted, - where nobody is offered the VM.",
      ""
    },
    footer = {
      "",
      "Exit status 0, or 1 when a process is gone whose VM may run on.",
      "",
      "Examples:",
      "  architekt status",
      "  architekt status -o yaml",
      "  architekt status --cache-base-dir out/node-1     (one, in full; one that is suspended too)"
    })
final class StatusCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = {"--cache-base-dir", "--state-dir"},
      paramLabel = "DIR",
      description = "Only this peer's directory, in full (default: all of this host).")
  Optional<Path> directory = Optional.empty();

  @Mixin ListingOptions listing;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    listing.check(new Checks(spec));
    return directory.isPresent() ? one(directory.get()) : all();
  }

  private int all() throws IOException {
    List<ObjectNode> found = new ArrayList<>();
    for (Path path : StateDirectory.inUse()) {
      ObjectNode one = Selection.status(path).orElse(JSON.createObjectNode()).deepCopy();
      one.put("directory", path.toString()).put("peerAlive", Abandoned.owner(path).isPresent());
      found.add(one);
    }
    if (listing.isTable()) {
      table(found).forEach(System.out::println);
    } else {
      listing.all(found);
    }
    boolean packagerGone = found.stream().anyMatch(s -> isGone(s) && isPackager(s));
    boolean peerGone = found.stream().anyMatch(s -> isGone(s) && !isPackager(s));
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

  /** What people read of all VMs; package-private for its test. */
  static List<String> table(List<ObjectNode> found) {
    if (found.isEmpty()) {
      return List.of(
          "no VM runs on this host; start one with: "
              + CommandName.typed()
              + " peer --raddr HOST:PORT");
    }
    Table table =
        new Table(
            "instance",
            "address",
            "state",
            "epoch",
            "missing",
            "dirty/s",
            "wire",
            "peer",
            "directory");
    for (ObjectNode one : found) {
      table.row(
          one.path("name").asText("-"),
          one.path("address").asText("-"),
          one.path("phase").asText("arriving").toLowerCase(Locale.ROOT),
          one.path("epoch").asText("-"),
          missing(one),
          one.has("dirtyBytesPerSecond")
              ? Output.bytes(one.path("dirtyBytesPerSecond").asLong())
              : "-",
          one.path("wire").asText("-"),
          isGone(one) ? "gone" : one.path("pid").asText("yes"),
          one.path("directory").asText());
    }
    return table.lines();
  }

  private static String missing(ObjectNode one) {
    long bytes = one.path("missingBytes").asLong(-1);
    return bytes < 0
        ? "-"
        : bytes == 0 ? "none" : Output.bytes(bytes) + " at " + one.path("missingAt").asText();
  }

  private static boolean isGone(JsonNode status) {
    return !status.path("peerAlive").asBoolean();
  }

  /** Whether what is, or was, at work there makes a package. */
  private static boolean isPackager(JsonNode status) {
    return status.path("role").asText().equals("packager");
  }

  private int one(Path path) throws IOException {
    Optional<JsonNode> written = Selection.status(path);
    Optional<Suspended> suspended = written.isEmpty() ? Suspended.of(path) : Optional.empty();
    if (suspended.isPresent()) {
      print(suspended(suspended.get()));
      return 0;
    }
    JsonNode status =
        written.orElseThrow(() ->
            new IOException(
                "no peer is at work in "
                    + path
                    + "; `"
                    + CommandName.typed()
                    + " status` shows those of this host"));
    print(status);
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

  private void print(JsonNode status) throws IOException {
    if (!listing.isTable()) {
      listing.one(status);
      return;
    }
    status
        .properties()
        .forEach(
            field -> System.out.printf("%-20s %s%n", field.getKey(), field.getValue().asText()));
  }

  private static ObjectNode suspended(Suspended vm) {
    ObjectNode status = JSON.createObjectNode();
    status.put("phase", "SUSPENDED").put("instance", vm.instance()).put("name", vm.name());
    vm.address().ifPresent(address -> status.put("address", address));
    status.put("epoch", vm.epoch()).put("suspendedAt", vm.at());
    vm.target().ifPresent(target -> status.put("package", target.toString()));
    return status;
  }
}
