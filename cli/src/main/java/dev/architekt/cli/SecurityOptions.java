package dev.architekt.cli;

import dev.architekt.node.identity.Security;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who this node is to others, and how its connections are protected. */
final class SecurityOptions {
  @Option(
      names = "--identity-dir",
      paramLabel = "DIR",
      description =
          "Where this node's key is, and the list of those whom it trusts (default: $ARCHITEKT_IDENTITY_DIR,"
              + " else /etc/architekt/identity for root, ~/.config/architekt/identity for others). Made when it"
              + " is needed.")
  Optional<Path> folder = Optional.empty();

  @Option(
      names = "--tls-dir",
      paramLabel = "DIR",
      description =
          "Instead: a folder with cert.pem, key.pem and ca.pem; whom that CA has signed may do everything.")
  Optional<Path> tls = Optional.empty();

  @Option(
      names = "--insecure",
      description =
          "Plain text, without asking who it is: for networks that are wholly one's own. Without it,"
              + " everything that leaves this host is encrypted (TLS 1.3), and both sides must know each other.")
  boolean insecure;

  void check(Checks check) throws IOException {
    check.tls(tls);
    check.atMostOne(
        "--identity-dir, --tls-dir and --insecure", folder.isPresent(), tls.isPresent(), insecure);
  }

  Security.Options chosen() {
    return new Security.Options(folder, tls, insecure);
  }
}
