package dev.architekt.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The few settings of an uplink that several claims share: written down before the first change,
 * restored after the last claim. Called under the claim directory's lock, in the node's namespace.
 */
final class UplinkSettings {
  private final Path file;
  private final String uplink;

  UplinkSettings(ClaimDirectory claims, long nodeNamespace, String uplink) {
    this.file = claims.path().resolve("uplink-" + nodeNamespace + "-" + uplink);
    this.uplink = uplink;
  }

  void apply() throws IOException {
    Map<String, String> wanted = Sysctls.wantedFor(uplink);
    if (!Files.exists(file)) {
      StringBuilder originals = new StringBuilder();
      for (String name : wanted.keySet()) {
        originals.append(name).append('=').append(Sysctls.get(name)).append('\n');
      }
      Path temporary = file.resolveSibling("new-" + file.getFileName());
      Files.writeString(temporary, originals);
      Files.move(temporary, file);
    }
    for (Map.Entry<String, String> entry : wanted.entrySet()) {
      Sysctls.set(entry.getKey(), entry.getValue());
    }
  }

  /** Restores the settings when no claim of {@code remaining} relies on them. */
  void restoreUnlessUsedBy(List<ClaimRecord> remaining, long nodeNamespace) throws IOException {
    boolean used =
        remaining.stream()
            .anyMatch(r ->
                r.nodeNamespace() == nodeNamespace
                    && r.uplink().filter(uplink::equals).isPresent());
    if (used || !Files.exists(file)) {
      return;
    }
    Map<String, String> wanted = Sysctls.wantedFor(uplink);
    for (String line : Files.readAllLines(file)) {
      int equals = line.indexOf('=');
      if (equals < 0 || !wanted.containsKey(line.substring(0, equals))) {
        continue; // only what we would have written
      }
      try {
        Sysctls.set(line.substring(0, equals), line.substring(equals + 1));
      } catch (NoSuchFileException e) {
        break; // the interface is gone, and its settings with it
      }
    }
    Files.deleteIfExists(file);
  }

  /** The node's namespace is gone, so that there is nothing to restore. */
  void forget() throws IOException {
    Files.deleteIfExists(file);
  }
}
