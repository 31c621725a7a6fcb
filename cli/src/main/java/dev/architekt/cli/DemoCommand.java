package dev.architekt.cli;

import dev.architekt.cli.demo.Demo;
import dev.architekt.cli.demo.DemoOptions;
import dev.architekt.cli.demo.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code architekt demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Moves a Redis VM between two hosts (network namespaces of this machine) while a client writes to it.",
      ""
    },
    footer = {
      "",
      "Exit status 0 only if no connection was lost, every acknowledged write is there, the guest has not rebooted",
      "and its clock never went back.",
      "",
      "Examples:",
      "  architekt demo",
      "  architekt demo --hops 20 --load L2 --json demo.json"
    })
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--hops",
      paramLabel = "N",
      defaultValue = "3",
      description = "Moves (default: ${DEFAULT-VALUE}).")
  int hops;

  @Option(
      names = "--load",
      paramLabel = "L1|L2",
      defaultValue = "L1",
      description =
          "L1: 1,000 SET/s of 100 bytes; L2: ten connections as fast as they get answers"
              + " (default: ${DEFAULT-VALUE}).")
  String load;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      defaultValue = "256",
      description = "The VM's RAM (default: ${DEFAULT-VALUE}).")
  int memory;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
  Optional<Path> json = Optional.empty();

  @Option(
      names = "--keep",
      description = "Leave the hosts and the VM up, and say how to reach and remove them.")
  boolean keep;

  @Override
  public Integer call() throws Exception {
    if (hops < 1 || !load.matches("L[12]")) {
      throw new IllegalArgumentException("--hops is at least 1, --load L1 or L2");
    }
    String command = System.getenv().getOrDefault("ARCHITEKT_COMMAND", "./architekt");
    DemoOptions options =
        new DemoOptions(hops, load, memory, Duration.ofSeconds(5), Duration.ofSeconds(1));
    Demo demo = new Demo(options, command, System.out);
    Thread hook = Thread.ofPlatform().unstarted(() -> closeQuietly(demo));
    Runtime.getRuntime().addShutdownHook(hook);
    Verdict verdict;
    try {
      verdict = demo.run();
    } catch (IOException | InterruptedException | RuntimeException e) {
      Runtime.getRuntime().removeShutdownHook(hook);
      closeQuietly(demo);
      throw e;
    }
    verdict.print(System.out);
    if (json.isPresent()) {
      verdict.write(json.get());
    }
    Runtime.getRuntime().removeShutdownHook(hook);
    if (keep) {
      demo.closeClients();
      System.out.println(demo.kept());
    } else {
      demo.close();
    }
    if (verdict.broken().isEmpty()) {
      System.out.println("PASSED: the clients noticed nothing but the gaps above");
      return 0;
    }
    verdict.broken().forEach(text -> System.out.println("FAILED: " + text));
    return 1;
  }

  private static void closeQuietly(Demo demo) {
    try {
      demo.close();
    } catch (IOException e) {
      System.err.println("architekt: cleaning up: " + e.getMessage());
    }
  }
}
