package dev.architekt.it.vm;

import dev.architekt.node.identity.Identity;
import dev.architekt.node.identity.TrustEntry;
import dev.architekt.node.identity.TrustRight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The identities of all labs' hosts, made once a JVM: each trusts the others. */
public final class LabIdentities {
  /** The client's place is a host like any other. */
  public static final int CLIENT = 3;

  private static final Path FOLDER = make();

  private LabIdentities() {}

  /** What a command's environment has, so that it runs as host {@code node}. */
  public static String environment(int node) {
    return "ARCHITEKT_IDENTITY_DIR=" + folder(node);
  }

  static Path folder(int node) {
    return FOLDER.resolve("node-" + node);
  }

  private static Path make() {
    try {
      Path folder = Files.createTempDirectory("architekt-it-identities-");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      List<Identity> all = new ArrayList<>();
      for (int node = 1; node <= CLIENT; node++) {
        all.add(
            Identity.create(
                folder.resolve("node-" + node), "node-" + node, false, 10, InstantSource.system()));
      }
      for (Identity one : all) {
        for (Identity other : all) {
          if (one != other) {
            one.trusted()
                .add(
                    new TrustEntry(
                        other.name(), TrustRight.ALL, other.fingerprint(), Optional.empty()));
          }
        }
      }
      return folder;
    } catch (IOException e) {
      throw new IllegalStateException("no identities for the labs: " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + folder + ": " + e.getMessage());
    }
  }
}
