package dev.architekt.cli;

import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.node.CommandName;
import dev.architekt.node.peer.Abandoned;
import dev.architekt.node.peer.StopRequest;
import dev.architekt.node.peer.Suspended;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt stop}. */
@Command(
    name = "stop",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ends a VM of this host: asks its peer, as Ctrl-C does, and waits. The peer suspends the VM into a package,"
          + " unless it was started with --on-stop stop.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt stop                               (the only VM of this host)",
      "  architekt stop redis-server",
      "  architekt stop redis-server --discard        (keeps nothing of it)",
      "  architekt stop --cache-base-dir out/node-1"
    })
final class StopCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 3600;

  @Mixin Selection selection;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description = "How long to wait for the end (default: ${DEFAULT-VALUE}).")
  int seconds;

  @Option(
      names = "--discard",
      description =
          "Keep nothing of the VM: it ends as by pulling the plug, and its RAM and disks are removed.")
  boolean discard;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Checks check = new Checks(spec);
    check.between("--timeout", seconds, 1, SECONDS_MAX);
    check.root("ending VMs");
    Selection.Found vm = selection.find();
    Optional<ProcessIdentity> peer = Abandoned.owner(vm.directory());
    if (peer.isEmpty()) {
      requireWorthless(vm);
      Abandoned.remove(vm.directory());
      System.out.println(vm.name() + ": its peer was gone; ended, and what was its removed");
      return 0;
    }
    return ask(vm, peer.get());
  }

  /** Without its peer a VM's RAM cannot be kept, and nobody gives that up unasked. */
  private void requireWorthless(Selection.Found vm) throws IOException {
    if (discard || vm.status().path("role").asText().equals("packager")) {
      return;
    }
    throw new IOException(
        vm.name()
            + ": its peer is gone, so that it cannot be suspended. Go on with it: "
            + CommandName.typed()
            + " peer --cache-base-dir "
            + vm.directory()
            + " (Ctrl-C there suspends it), or give it up: "
            + CommandName.typed()
            + " stop --discard --cache-base-dir "
            + vm.directory());
  }

  private int ask(Selection.Found vm, ProcessIdentity peer) throws IOException {
    Optional<Pidfd> open = peer.open();
    if (open.isPresent()) {
      try (Pidfd process = open.get()) {
        new StopRequest(vm.directory()).make(discard);
        process.signal(Pidfd.SIGTERM);
        if (!process.awaitEnd(seconds * 1000L)) {
          throw new IOException(
              vm.name()
                  + ": asked its process "
                  + peer.pid()
                  + " to stop, and it has not ended within "
                  + seconds
                  + " s; `"
                  + CommandName.typed()
                  + " status --cache-base-dir "
                  + vm.directory()
                  + "` says what it is doing (a move that is granted must be served to its end)");
        }
      }
    }
    Optional<Suspended> kept = discard ? Optional.empty() : Suspended.of(vm.directory());
    System.out.println(
        vm.name()
            + kept.map(k ->
                    ": suspended"
                        + k.target().map(target -> " into " + target).orElse("")
                        + "; resume it with: "
                        + CommandName.typed()
                        + " peer --cache-base-dir "
                        + vm.directory())
                .orElse(": ended"));
    return 0;
  }
}
