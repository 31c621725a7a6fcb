package dev.architekt.cli;

import dev.architekt.node.CommandName;
import dev.architekt.node.identity.Security;
import dev.architekt.node.peer.Peer;
import dev.architekt.node.peer.PeerOptions;
import dev.architekt.node.peer.StopPolicy;
import dev.architekt.node.state.ProcessLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt runner}. */
@Command(
    name = "runner",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Resumes a package on this host, and suspends the VM back into it on Ctrl-C or SIGTERM.",
      "The package is replaced as a whole, once the new one is complete and durable: a crash in between"
          + " leaves the old one, and beside it what is needed to go on.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt runner --package-path out/redis.ark",
      "  architekt runner --package-path out/redis.ark     (again: it goes on where it was)",
      "",
      "A VM that was suspended into a package stays the same instance. A VM outlives a `kill -9` of this process:",
      "the same command goes on with it. Nobody else may take it over; that is what `architekt peer` is for."
    })
final class RunnerCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 86_400;

  /** It is the destination of no move, and these are what its options would say of one. */
  private static final Duration NO_GAP_TARGET = Duration.ofMillis(100);

  @Option(
      names = "--package-path",
      paramLabel = "FILE",
      defaultValue = "out/redis.ark",
      description = "The package (default: ${DEFAULT-VALUE}).")
  Path packagePath;

  @Option(
      names = {"--cache-base-dir", "--state-dir"},
      paramLabel = "DIR",
      description =
          "Where the VM's RAM and disks lie while it runs (default: .NAME.running beside the package).")
  Optional<Path> directory = Optional.empty();

  @Option(
      names = "--address",
      paramLabel = "IPV4",
      description =
          "The address under which a new instance is reached; on the uplink's subnet. One that was suspended"
              + " keeps its own.")
  Optional<String> address = Optional.empty();

  @Option(
      names = "--resume-timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for the guest's agent (default: ${DEFAULT-VALUE}).")
  long resumeTimeoutSeconds;

  @Mixin NetworkOptions network;
  @Mixin MachineOptions machine;
  @Mixin OutputOptions output;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    check.between("--resume-timeout", resumeTimeoutSeconds, 1, SECONDS_MAX);
    if (address.isPresent()) {
      check.address("--address", address.get());
    }
    network.check(check);
    machine.check(check);
    check.host("network namespaces, mounts and VMs");
    machine.require();
    Path file = packagePath.toAbsolutePath().normalize();
    check.readable(
        "--package-path",
        file,
        "make one with: " + CommandName.typed() + " packager --package-output-path " + packagePath);
    check.writable("--package-path", file);
    PeerOptions options =
        new PeerOptions(
            Optional.of("file:" + file),
            Optional.empty(),
            directory.orElse(file.resolveSibling("." + file.getFileName() + ".running")),
            address,
            "auto",
            NO_GAP_TARGET,
            Optional.empty(),
            0,
            Duration.ofSeconds(resumeTimeoutSeconds),
            Security.Options.USUAL,
            "",
            network.namespacePrefix,
            network.hostVethCidr,
            network.namespaceVethCidr,
            network.uplink,
            machine.binary(),
            machine.accelerator,
            StopPolicy.backInto(file),
            ProcessLimits.NONE);
    return new Peer(options, output.open()).run();
  }
}
