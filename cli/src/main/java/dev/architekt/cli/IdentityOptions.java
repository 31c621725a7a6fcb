package dev.architekt.cli;

import dev.architekt.node.identity.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which identity a command is about. */
final class IdentityOptions {
  @Option(
      names = "--identity-dir",
      paramLabel = "DIR",
      description =
          "The identity's folder (default: $ARCHITEKT_IDENTITY_DIR, else /etc/architekt/identity for root,"
              + " ~/.config/architekt/identity for others).")
  Optional<Path> folder = Optional.empty();

  Path chosen() throws IOException {
    return folder.isPresent() ? folder.get() : Identity.defaultFolder();
  }
}
