package dev.architekt.node.peer;

import dev.architekt.node.Output;
import dev.architekt.node.packager.SuspendedPackage;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether a start from a package goes on with the instance that was suspended into it. */
final class Revival {
  private Revival() {}

  /**
   * The instance to go on with; empty for a new one. Only who has the package to himself, because
   * he suspends back into it, goes on: what a registry serves may be started any number of times.
   */
  static Optional<SuspendedPackage.Identity> identity(
      String raddr, PeerOptions options, Output output) throws IOException {
    if (!options.onStop().whole() || !raddr.startsWith(BlobClient.FILE)) {
      return Optional.empty();
    }
    Optional<SuspendedPackage.Identity> found =
        SuspendedPackage.identity(Path.of(raddr.substring(BlobClient.FILE.length())));
    if (found.isPresent() && runsHere(found.get().instance())) {
      output.event(
          "new-instance",
          "the instance that was suspended into this package runs on this host already: this becomes"
              + " another one");
      return Optional.empty();
    }
    return found;
  }

  private static boolean runsHere(String instance) throws IOException {
    for (Path directory : StateDirectory.inUse()) {
      Path file = directory.resolve("instance.json");
      if (Files.isRegularFile(file)
          && InstanceSpec.fromJson(Files.readAllBytes(file), file.toString())
              .id()
              .equals(instance)) {
        return true;
      }
    }
    return false;
  }
}
