package dev.architekt.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.cli.text.Table;
import dev.architekt.cli.text.Terminal;
import dev.architekt.node.Addresses;
import dev.architekt.node.CommandName;
import dev.architekt.node.HttpRange;
import dev.architekt.node.Output;
import dev.architekt.node.Wiring;
import dev.architekt.node.peer.Inspection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
      "  architekt inspect localhost:1337             (what a registry serves)",
      "  architekt inspect 10.77.0.1:1338 --json      (the VM that a peer runs)"
    })
final class InspectCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 3600;

  @Parameters(
      paramLabel = "FILE|URL|HOST:PORT",
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

  @Option(
      names = "--tls-dir",
      paramLabel = "DIR",
      description =
          "A folder with cert.pem, key.pem and ca.pem: TLS 1.3, with both sides' certificates checked.")
  Optional<Path> tlsDirectory = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Checks check = new Checks(spec);
    check.between("--timeout", seconds, 1, SECONDS_MAX);
    check.tls(tlsDirectory);
    Inspection found = look(check);
    if (json) {
      printJson(found);
    } else {
      print(found);
    }
    return 0;
  }

  /** A file of that name goes before a host of that name. */
  private Inspection look(Checks check) throws IOException, InterruptedException {
    Output output = new Output(System.err, false, Terminal.standardOutput().moving());
    Inspection.Watcher progress = (done, total) -> output.progress("verifying", done, total);
    if (HttpRange.isOne(what)) {
      return verified(Inspection.of(what, verify, progress), output);
    }
    Path file = Path.of(what);
    if (Files.exists(file) || what.indexOf(':') < 0) {
      check.readable("FILE", file, "make a package with: " + CommandName.typed() + " packager");
      return verified(Inspection.of(file, verify, progress), output);
    }
    check.remote("HOST:PORT", what);
    return Inspection.of(
        Addresses.remote("HOST:PORT", what), Wiring.options("inspect", tlsDirectory), seconds);
  }

  private Inspection verified(Inspection found, Output output) {
    if (verify) {
      output.event("verified", "every byte of " + what + " is as it was written");
    }
    return found;
  }

  private void printJson(Inspection found) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>(found.properties());
    all.put("parts", found.parts());
    System.out.println(new ObjectMapper().writeValueAsString(all));
  }

  private static void print(Inspection found) {
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
