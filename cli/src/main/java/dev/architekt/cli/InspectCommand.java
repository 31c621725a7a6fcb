package dev.architekt.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.text.Table;
import dev.architekt.cli.text.Terminal;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Addresses;
import dev.architekt.node.CommandName;
import dev.architekt.node.HttpRange;
import dev.architekt.node.Output;
import dev.architekt.node.identity.Security;
import dev.architekt.node.peer.Inspection;
import dev.architekt.node.peer.Offers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code architekt inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what a package holds, or what a registry or a peer offers, without taking it.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt inspect out/redis.ark",
      "  architekt inspect out/redis.ark --verify     (reads all of it and checks every byte)",
      "  architekt inspect https://files.example.org/redis.ark",
      "  architekt inspect localhost:1337             (what a registry serves; all of a folder's packages)",
      "  architekt inspect localhost:1337/redis       (one of them)",
      "  architekt inspect 10.77.0.1:1338 --json      (the VM that a peer runs)"
    })
final class InspectCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 3600;

  @Parameters(
      paramLabel = "FILE|URL|HOST:PORT[/NAME]",
      description =
          "A package in a file or on a web server, or where a registry or a peer listens.")
  String what;

  @Option(names = "--verify", description = "Read the whole package and check every byte of it.")
  boolean verify;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
  int seconds;

  @Mixin SecurityOptions security;
  @Mixin ListingOptions listing;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Checks check = new Checks(spec);
    check.between("--timeout", seconds, 1, SECONDS_MAX);
    security.check(check);
    listing.check(check);
    Output output = new Output(System.err, false, Terminal.standardOutput().moving());
    Inspection.Watcher progress = (done, total) -> output.progress("verifying", done, total);
    if (HttpRange.isOne(what)) {
      print(verified(Inspection.of(what, verify, progress), output));
      return 0;
    }
    // A file of that name goes before a host of that name.
    Path file = Path.of(what);
    if (Files.exists(file) || what.indexOf(':') < 0) {
      check.readable("FILE", file, "make a package with: " + CommandName.typed() + " packager");
      print(verified(Inspection.of(file, verify, progress), output));
      return 0;
    }
    check.remoteWithName("HOST:PORT", what);
    InetSocketAddress address = Addresses.remote("HOST:PORT", what);
    WireOptions wire =
        Security.open(
                security.chosen(),
                !Addresses.isLoopback(address),
                false,
                InstantSource.system(),
                output)
            .wire("inspect");
    try {
      print(Inspection.of(Addresses.subject(what), address, wire, seconds));
    } catch (IOException e) {
      if (!Addresses.subject(what).isEmpty() || !Offers.wantsName(e)) {
        throw e;
      }
      print(Offers.of(address, wire, seconds));
    }
    return 0;
  }

  private Inspection verified(Inspection found, Output output) {
    if (verify) {
      output.event("verified", "every byte of " + what + " is as it was written");
    }
    return found;
  }

  private void print(List<JsonNode> packages) throws IOException {
    if (!listing.isTable()) {
      listing.all(packages);
      return;
    }
    Table table = new Table("package", "service", "cpus", "memory", "disk", "size", "created");
    for (JsonNode one : packages) {
      boolean whole = !one.has("error");
      table.row(
          one.path("name").asText(),
          one.path("service").asText("-"),
          one.path("cpus").asText("-"),
          whole ? Output.bytes(one.path("memoryBytes").asLong()) : "-",
          whole ? Output.bytes(one.path("diskBytes").asLong()) : "-",
          whole ? Output.bytes(one.path("bytes").asLong()) : "-",
          one.path("created").asText(one.path("error").asText()));
    }
    if (table.isEmpty()) {
      System.out.println(what + " serves no package yet");
      return;
    }
    table.lines().forEach(System.out::println);
  }

  private void print(Inspection found) throws IOException {
    if (!listing.isTable()) {
      Map<String, Object> all = new LinkedHashMap<>(found.properties());
      all.put("parts", found.parts());
      listing.one(all);
      return;
    }
    found
        .properties()
        .forEach((name, value) -> System.out.printf("%-14s %s%n", label(name), text(name, value)));
    System.out.println();
    Table table = new Table("part", "bytes", "size", "sha256");
    for (Inspection.Part part : found.parts()) {
      table.row(
          part.name(),
          Long.toString(part.bytes()),
          Output.bytes(part.bytes()),
          part.sha256().isEmpty() ? "-" : part.sha256());
    }
    table.lines().forEach(System.out::println);
  }

  /** {@code machineType} as people write it: machine type. */
  private static String label(String name) {
    return name.equals("memoryBytes")
        ? "memory"
        : name.replaceAll("([A-Z])", " $1").toLowerCase(java.util.Locale.ROOT);
  }

  private static String text(String name, Object value) {
    return name.equals("memoryBytes") ? Output.bytes((Long) value) : value.toString();
  }
}
