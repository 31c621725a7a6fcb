package dev.architekt.cli;

import dev.architekt.migration.wire.Pem;
import dev.architekt.node.CommandName;
import dev.architekt.node.identity.Identity;
import dev.architekt.node.identity.TrustEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code architekt identity}. */
@Command(
    name = "identity",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "This node's key, by which other hosts know it, as they know an SSH server by its host key.",
      "A role makes one by itself when it first needs it.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  What other hosts need to trust this one:",
      "    architekt identity show",
      "  A fleet that trusts one authority. Once, on a host that is kept safe:",
      "    architekt identity create --ca --name fleet --identity-dir ca",
      "    architekt identity show --identity-dir ca --pem > fleet.pem",
      "  For each node: sign its certificate there, and install it on the node:",
      "    architekt identity show --pem > node-1.pem                        (on the node)",
      "    architekt identity sign node-1.pem --identity-dir ca > signed.pem (where the CA is)",
      "    architekt identity install signed.pem                             (on the node)",
      "    architekt trust add fleet fleet.pem                               (on the node)"
    },
    subcommands = {
      IdentityCommand.Create.class,
      IdentityCommand.Show.class,
      IdentityCommand.Renew.class,
      IdentityCommand.Sign.class,
      IdentityCommand.Install.class
    })
final class IdentityCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  private static void print(Identity identity) {
    System.out.printf("name         %s%n", identity.name());
    System.out.printf("fingerprint  %s%n", identity.fingerprint());
    System.out.printf("valid until  %s%n", identity.certificate().getNotAfter().toInstant());
    System.out.printf("folder       %s%n", identity.folder());
    if (identity.isAuthority()) {
      System.out.println("kind         an authority (CA): signs nodes, and is none");
      return;
    }
    System.out.println();
    System.out.println("Other hosts trust it with:");
    System.out.printf("  architekt trust add %s %s%n", identity.name(), identity.fingerprint());
  }

  /** {@code architekt identity create}. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {"Makes a key (ECDSA, P-256) and a certificate of it.", ""},
      footer = {
        "",
        "Examples:",
        "  architekt identity create --name node-1",
        "  architekt identity create --ca --name fleet --identity-dir ca"
      })
  static final class Create implements Callable<Integer> {
    @Option(
        names = "--name",
        paramLabel = "NAME",
        defaultValue = "",
        description = "What it calls itself (default: the host's name).")
    String name;

    @Option(names = "--ca", description = "An authority that signs nodes, instead of a node.")
    boolean authority;

    @Mixin Days days;
    @Mixin IdentityOptions identity;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      Checks check = new Checks(spec);
      days.check(check);
      String called = name.isEmpty() ? Identity.hostName() : name;
      check.that(
          TrustEntry.isName(called),
          "--name " + called + ": expected 1 to 63 letters, digits, dots, dashes or underscores");
      print(
          Identity.create(identity.chosen(), called, authority, days.days, InstantSource.system()));
      return 0;
    }
  }

  /** {@code architekt identity show}. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {"Shows this node's name and the fingerprint of its key.", ""},
      footer = {
        "",
        "The fingerprint is of the public key; openssl computes the same:",
        "  openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform DER |",
        "    openssl dgst -sha256 -binary | base64",
        "",
        "Examples:",
        "  architekt identity show",
        "  architekt identity show --pem > node-1.pem"
      })
  static final class Show implements Callable<Integer> {
    @Option(names = "--pem", description = "Print the certificate (PEM) and nothing else.")
    boolean pem;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Mixin IdentityOptions identity;

    @Override
    public Integer call() throws IOException {
      Identity own = Identity.open(identity.chosen());
      if (pem) {
        System.out.print(own.pem());
      } else if (json) {
        System.out.println(
            new com.fasterxml.jackson.databind.ObjectMapper()
                .createObjectNode()
                .put("name", own.name())
                .put("fingerprint", own.fingerprint())
                .put("validUntil", own.certificate().getNotAfter().toInstant().toString())
                .put("authority", own.isAuthority())
                .put("folder", own.folder().toString()));
      } else {
        print(own);
      }
      return 0;
    }
  }

  /** {@code architekt identity renew}. */
  @Command(
      name = "renew",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Makes a new certificate of the same key: whoever trusts the key goes on to.",
        ""
      },
      footer = {
        "",
        "Examples:",
        "  architekt identity renew",
        "  architekt identity renew --days 365"
      })
  static final class Renew implements Callable<Integer> {
    @Mixin Days days;
    @Mixin IdentityOptions identity;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      days.check(new Checks(spec));
      print(Identity.open(identity.chosen()).renew(days.days, InstantSource.system()));
      return 0;
    }
  }

  /** {@code architekt identity sign}. */
  @Command(
      name = "sign",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {"Signs a node's certificate with the authority in --identity-dir.", ""},
      footer = {
        "",
        "Whoever trusts the authority trusts the node from then on: compare its fingerprint first.",
        "",
        "Example:",
        "  architekt identity sign node-1.pem --identity-dir ca > node-1-signed.pem"
      })
  static final class Sign implements Callable<Integer> {
    @Parameters(
        paramLabel = "FILE",
        description = "What `architekt identity show --pem` printed on the node.")
    Path file;

    @Mixin Days days;
    @Mixin IdentityOptions identity;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      Checks check = new Checks(spec);
      days.check(check);
      check.readable("FILE", file, "print it on the node with: architekt identity show --pem");
      X509Certificate theirs = Pem.certificates(file).getFirst();
      byte[] signed =
          Identity.open(identity.chosen()).sign(theirs, days.days, InstantSource.system());
      System.out.print(new String(signed, StandardCharsets.US_ASCII));
      System.err.println(
          "architekt: signed "
              + dev.architekt.migration.wire.Fingerprint.of(theirs)
              + "; on the node: architekt identity install FILE");
      return 0;
    }
  }

  /** {@code architekt identity install}. */
  @Command(
      name = "install",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {"Shows others a certificate that an authority has signed, from now on.", ""},
      footer = {"", "Example:", "  architekt identity install node-1-signed.pem"})
  static final class Install implements Callable<Integer> {
    @Parameters(
        paramLabel = "FILE",
        description = "What `architekt identity sign` printed; certificates between may follow.")
    Path file;

    @Mixin IdentityOptions identity;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      new Checks(spec)
          .readable(
              "FILE", file, "make it where the CA is: " + CommandName.typed() + " identity sign");
      List<X509Certificate> chain = Pem.certificates(file);
      print(Identity.open(identity.chosen()).install(chain));
      return 0;
    }
  }

  /** For how long a certificate is valid. */
  static final class Days {
    @Option(
        names = "--days",
        paramLabel = "N",
        defaultValue = "" + Identity.DAYS,
        description = "For how long the certificate is valid (default: ${DEFAULT-VALUE}).")
    int days;

    void check(Checks check) {
      check.between("--days", days, 1, Identity.DAYS_MAX);
    }
  }
}
