package dev.architekt.cli;

import dev.architekt.cli.text.Table;
import dev.architekt.migration.wire.Fingerprint;
import dev.architekt.migration.wire.Pem;
import dev.architekt.node.CommandName;
import dev.architekt.node.identity.TrustEntry;
import dev.architekt.node.identity.TrustFile;
import dev.architekt.node.identity.TrustRight;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code architekt trust}. */
@Command(
    name = "trust",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Whom this node talks to, by the keys of their identities, and what each may do.",
      "A role that runs already knows at its next connection.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  On node-1, with what `architekt identity show` prints on node-2; and the other way round:",
      "    architekt trust add node-2 SHA256:tZ0rmVh5Gb0dO3aKKx4l0k2cUZ2TWvP2Yq6oTgA3bZk",
      "  Somebody who may read packages here, and no more:",
      "    architekt trust add reader SHA256:… --rights describe,read",
      "  A fleet: whomever this authority has signed",
      "    architekt trust add fleet fleet.pem",
      "  architekt trust list",
      "  architekt trust remove node-2"
    },
    subcommands = {TrustCommand.Add.class, TrustCommand.Listing.class, TrustCommand.Remove.class})
final class TrustCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  /** {@code architekt trust add}. */
  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {"Trusts somebody; again for other rights.", ""},
      footer = {
        "",
        "Rights: describe (ask what there is), read (read packages), take (take VMs over, memory and all),",
        "cancel (cancel a move), serve (be dialled: what it offers is run here).",
        "",
        "Examples:",
        "  architekt trust add node-2 SHA256:tZ0rmVh5Gb0dO3aKKx4l0k2cUZ2TWvP2Yq6oTgA3bZk",
        "  architekt trust add reader reader.pem --rights describe,read",
        "  architekt trust add fleet fleet.pem"
      })
  static final class Add implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "What you call it here.")
    String name;

    @Parameters(
        index = "1",
        paramLabel = "FINGERPRINT|FILE",
        description =
            "The key's fingerprint, or a certificate (PEM); that of a CA stands for all whom it has signed.")
    String key;

    @Option(
        names = "--rights",
        paramLabel = "RIGHT,…",
        defaultValue = "describe,read,take,cancel,serve",
        description = "What it may do (default: ${DEFAULT-VALUE}).")
    String rights;

    @Mixin IdentityOptions identity;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      Checks check = new Checks(spec);
      check.that(
          TrustEntry.isName(name),
          "NAME " + name + ": expected 1 to 63 letters, digits, dots, dashes or underscores");
      TrustEntry entry = entry(check, granted(check));
      TrustFile.in(identity.chosen()).add(entry);
      System.out.printf(
          "%s%s is trusted to %s (%s)%n",
          entry.authority().isPresent() ? "whomever signs as " : "",
          name,
          TrustRight.text(entry.rights()),
          entry.fingerprint());
      return 0;
    }

    private Set<TrustRight> granted(Checks check) {
      try {
        return TrustRight.parse(rights);
      } catch (IllegalArgumentException e) {
        check.that(false, "--rights " + rights + ": " + e.getMessage());
        throw e;
      }
    }

    private TrustEntry entry(Checks check, Set<TrustRight> granted) throws IOException {
      if (key.startsWith("SHA256:")) {
        check.that(
            Fingerprint.isOne(key),
            "FINGERPRINT " + key + ": expected SHA256: and 43 characters of base64");
        return new TrustEntry(name, granted, key, Optional.empty());
      }
      check.readable(
          "FINGERPRINT|FILE",
          Path.of(key),
          "`architekt identity show` on the other host prints both its fingerprint and, with --pem,"
              + " its certificate");
      X509Certificate certificate = Pem.certificates(Path.of(key)).getFirst();
      boolean authority = certificate.getBasicConstraints() >= 0;
      return new TrustEntry(
          name,
          granted,
          Fingerprint.of(certificate),
          authority ? Optional.of(certificate) : Optional.empty());
    }
  }

  /** {@code architekt trust list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {"Shows whom this node trusts, and with what.", ""},
      footer = {"", "Example:", "  architekt trust list"})
  static final class Listing implements Callable<Integer> {
    @Mixin IdentityOptions identity;
    @Mixin ListingOptions listing;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      listing.check(new Checks(spec));
      List<TrustEntry> entries = TrustFile.in(identity.chosen()).entries();
      if (!listing.isTable()) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (TrustEntry entry : entries) {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("name", entry.name());
          one.put("rights", TrustRight.text(entry.rights()));
          one.put("fingerprint", entry.fingerprint());
          one.put("authority", entry.authority().isPresent());
          all.add(one);
        }
        listing.all(all);
        return 0;
      }
      Table table = new Table("name", "kind", "rights", "key");
      for (TrustEntry entry : entries) {
        table.row(
            entry.name(),
            entry.authority().isPresent() ? "CA" : "node",
            TrustRight.text(entry.rights()),
            entry.fingerprint());
      }
      if (table.isEmpty()) {
        System.out.println(
            "nobody is trusted yet; trust somebody with: "
                + CommandName.typed()
                + " trust add NAME SHA256:…");
      } else {
        table.lines().forEach(System.out::println);
      }
      return 0;
    }
  }

  /** {@code architekt trust remove}. */
  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {"Trusts somebody no longer. Connections that are up go on to their end.", ""},
      footer = {"", "Example:", "  architekt trust remove node-2"})
  static final class Remove implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "As `architekt trust list` shows it.")
    String name;

    @Mixin IdentityOptions identity;

    @Override
    public Integer call() throws IOException {
      Optional<TrustEntry> removed = TrustFile.in(identity.chosen()).remove(name);
      if (removed.isEmpty()) {
        throw new IOException(
            "nobody called "
                + name
                + " is trusted; `"
                + CommandName.typed()
                + " trust list` shows those who are");
      }
      System.out.printf("%s (%s) is not trusted any more%n", name, removed.get().fingerprint());
      return 0;
    }
  }
}
