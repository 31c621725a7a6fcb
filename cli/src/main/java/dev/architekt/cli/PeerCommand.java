package dev.architekt.cli;

import dev.architekt.node.peer.Peer;
import dev.architekt.node.peer.PeerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt peer}. */
@Command(
    name = "peer",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs one VM: resumes it from a registry, or takes it over from another peer while it runs;"
          + " then hands it over to whoever asks.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  Start a VM from a package that a registry serves:",
      "    architekt peer --raddr 10.77.0.1:1337 --address 10.77.0.50",
      "  Start one of several that a registry serves:",
      "    architekt peer --raddr 10.77.0.1:1337/redis",
      "  Start one from a package on any web server that has byte ranges:",
      "    architekt peer --raddr https://files.example.org/redis.ark",
      "  Take a running VM over from the peer on another host:",
      "    architekt peer --raddr 10.77.0.1:1338",
      "  After this process was killed: the VM still runs; go on with it:",
      "    architekt peer --cache-base-dir out/cache",
      "",
      "Ctrl-C during a move, on either side, cancels the move while that is possible: the VM stays where",
      "it runs. Without a move, or a second time, it suspends the VM into suspended.ark in its directory, and a",
      "peer started on that directory goes on with it. A VM outlives a `kill -9` of this process."
    })
final class PeerCommand implements Callable<Integer> {
  private static final int GAP_MAX_MS = 60_000;
  private static final int SECONDS_MAX = 86_400;
  private static final Duration GIVE_UP_MAX = Duration.ofDays(7);

  @Option(
      names = "--raddr",
      paramLabel = "HOST:PORT[/NAME]|URL",
      description =
          "A registry or a package on a web server (new instance from it), or a peer (take its VM over)."
              + " Not needed to go on with a VM that this directory already runs.")
  Optional<String> raddr = Optional.empty();

  @Option(
      names = "--laddr",
      paramLabel = "[HOST]:PORT",
      defaultValue = ":1338",
      description = "Where other peers may take the VM over (default: ${DEFAULT-VALUE}).")
  String laddr;

  @Option(
      names = {"--cache-base-dir", "--state-dir"},
      paramLabel = "DIR",
      defaultValue = "out/cache",
      description =
          "Where this peer keeps its VM and the copies of its regions (default: ${DEFAULT-VALUE}).")
  Path directory;

  @Option(
      names = "--address",
      paramLabel = "IPV4",
      description =
          "The address under which a new instance is reached, wherever it runs; on the uplink's subnet.")
  Optional<String> address = Optional.empty();

  @Option(
      names = "--strategy",
      paramLabel = "WHICH",
      defaultValue = "auto",
      description =
          "auto: copy while it runs, switch when the rest fits the gap target or copying more does not help;"
              + " pre-copy: leave nothing behind; post-copy: switch at once (default: ${DEFAULT-VALUE}).")
  String strategy;

  @Option(
      names = "--gap-target",
      paramLabel = "MS",
      defaultValue = "100",
      description =
          "The longest time, in milliseconds, in which clients should get no answer (default: ${DEFAULT-VALUE}).")
  long gapTargetMs;

  @Option(
      names = "--give-up-after",
      paramLabel = "DURATION",
      description =
          "Cancel a move that has not switched over after so long, such as 30s, 5m or 1h, and say why it"
              + " did not; the VM stays where it is. Without it a move takes as long as it takes.")
  Optional<String> giveUpAfter = Optional.empty();

  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      description =
          "What moves may use of the line, such as 100mbit or 12MB/s: of a take-over by this peer, and of what"
              + " it sends when its VM leaves; the smaller limit of two peers counts. What a running guest waits"
              + " for is never held back.")
  Optional<String> bandwidth = Optional.empty();

  @Option(
      names = "--resume-timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long to wait for --raddr to answer, and for the guest's agent (default: ${DEFAULT-VALUE}).")
  long resumeTimeoutSeconds;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "What this node calls itself to others (default: the host's name).")
  String name;

  @Mixin StopOptions stop;
  @Mixin SecurityOptions security;
  @Mixin LimitOptions limits;
  @Mixin NetworkOptions network;
  @Mixin MachineOptions machine;
  @Mixin OutputOptions output;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    if (raddr.isPresent()) {
      check.remoteOrUrl("--raddr", raddr.get());
    }
    check.local("--laddr", laddr);
    check.oneOf("--strategy", strategy, "auto", "pre-copy", "post-copy");
    check.between("--gap-target", gapTargetMs, 1, GAP_MAX_MS);
    check.between("--resume-timeout", resumeTimeoutSeconds, 1, SECONDS_MAX);
    if (address.isPresent()) {
      check.address("--address", address.get());
    }
    stop.check(check);
    network.check(check);
    machine.check(check);
    limits.check(check);
    security.check(check);
    check.host("network namespaces, mounts and VMs");
    machine.require();
    Optional<Duration> giveUp =
        giveUpAfter.map(text -> check.duration("--give-up-after", text, GIVE_UP_MAX));
    long most = bandwidth.map(text -> check.rate("--bandwidth", text)).orElse(0L);
    PeerOptions options =
        new PeerOptions(
            raddr,
            Optional.of(laddr),
            directory,
            address,
            strategy,
            Duration.ofMillis(gapTargetMs),
            giveUp,
            most,
            Duration.ofSeconds(resumeTimeoutSeconds),
            security.chosen(),
            name,
            network.namespacePrefix,
            network.hostVethCidr,
            network.namespaceVethCidr,
            network.uplink,
            machine.binary(),
            machine.accelerator,
            stop.policy(),
            limits.chosen());
    return new Peer(options, output.open()).run();
  }
}
