package dev.architekt.cli;

import dev.architekt.node.peer.StopPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What becomes of a peer's VM when the peer is asked to end. */
final class StopOptions {
  @Option(
      names = "--on-stop",
      paramLabel = "WHAT",
      defaultValue = "suspend",
      description =
          "What Ctrl-C, SIGTERM and `architekt stop` do with the VM: suspend it into a package, or stop it"
              + " and keep nothing, or leave it running for the next start on the same directory, for services"
              + " that are restarted and upgraded; `architekt stop` suspends it then (default: ${DEFAULT-VALUE}).")
  String onStop;

  @Option(names = "--leave-running", description = "The same as --on-stop leave.")
  boolean leaveRunning;

  @Option(
      names = "--package-output-path",
      paramLabel = "FILE",
      description =
          "The package to suspend into (default: suspended.ark in this peer's directory).")
  Optional<Path> packagePath = Optional.empty();

  void check(Checks check) throws IOException {
    check.oneOf("--on-stop", onStop, "suspend", "stop", "leave");
    if (packagePath.isPresent()) {
      check.writable("--package-output-path", packagePath.get());
    }
  }

  StopPolicy policy() {
    return leaveRunning || onStop.equals("leave")
        ? StopPolicy.leave(packagePath)
        : onStop.equals("stop") ? StopPolicy.stop() : StopPolicy.suspend(packagePath);
  }
}
