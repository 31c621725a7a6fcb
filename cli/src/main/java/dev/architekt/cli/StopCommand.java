package dev.architekt.cli;

import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.node.CommandName;
import dev.architekt.node.peer.Abandoned;
import dev.architekt.node.peer.StopRequest;
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
      "Stops a VM of this host and removes what was its: asks its peer, as Ctrl-C does, and waits.",
      "Where the peer is gone the VM is ended without it.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  architekt stop                               (the only VM of this host)",
      "  architekt stop redis-server",
      "  architekt stop --cache-base-dir out/node-1"
    })
final class StopCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 3600;

  @Mixin Selection selection;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for the end (default: ${DEFAULT-VALUE}).")
  int seconds;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Checks check = new Checks(spec);
    check.between("--timeout", seconds, 1, SECONDS_MAX);
    check.root("ending VMs");
    Selection.Found vm = selection.find();
    Optional<ProcessIdentity> peer = Abandoned.owner(vm.directory());
    if (peer.isEmpty()) {
      Abandoned.remove(vm.directory());
      System.out.println(vm.name() + ": its peer was gone; ended, and what was its removed");
      return 0;
    }
    return ask(vm, peer.get());
  }

  private int ask(Selection.Found vm, ProcessIdentity peer) throws IOException {
    Optional<Pidfd> open = peer.open();
    if (open.isPresent()) {
      try (Pidfd process = open.get()) {
        new StopRequest(vm.directory()).make();
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
    System.out.println(vm.name() + ": stopped");
    return 0;
  }
}
