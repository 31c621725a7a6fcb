package dev.architekt.node.packager;

import dev.architekt.archive.ArkReader;
import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A package of a VM that ran: as any other, and it says which instance it was, so that whoever has
 * it to himself can go on with that one.
 */
public final class SuspendedPackage {
  private static final String INSTANCE = "suspended.instance";
  private static final String ADDRESS = "suspended.address";
  private static final String EPOCH = "suspended.epoch";

  private SuspendedPackage() {}

  /**
   * Which instance a package was.
   *
   * @param address its stable address, if it had one
   * @param epoch the one it ran under last
   */
  public record Identity(String instance, Optional<String> address, long epoch) {}

  /** What was written: the package's size in bytes, and the digest of its index. */
  public record Written(long bytes, String index) {}

  /** Told how far it is, in bytes of what goes into the package. */
  @FunctionalInterface
  public interface Watcher {
    void at(long done, long total);
  }

  /**
   * Writes {@code target}: until that is complete and durable, what was there before is whole.
   *
   * @param epoch the one it ran under last
   * @param device the state of its devices
   */
  public static Written write(
      Path target,
      Host host,
      InstanceSpec spec,
      long epoch,
      Stores stores,
      byte[] device,
      Watcher watcher)
      throws IOException, InterruptedException {
    Manifest manifest = manifest(target, host, spec, epoch);
    ArkWriter.Written written =
        PackageContent.write(
            target, manifest, spec, host.state(), stores, device, Optional.empty(), watcher::at);
    return new Written(written.sizeBytes(), written.indexDigest());
  }

  private static Manifest manifest(Path target, Host host, InstanceSpec spec, long epoch)
      throws IOException, InterruptedException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Manifest fresh = Manifests.of(spec, Optional.empty(), host.qemu(), now);
    Optional<Manifest> before = before(target).filter(m -> m.name().equals(spec.name()));
    Map<String, String> labels = new HashMap<>(before.map(Manifest::labels).orElse(Map.of()));
    labels.put(INSTANCE, spec.id());
    labels.put(EPOCH, Long.toString(epoch));
    labels.remove(ADDRESS);
    spec.stableAddress().ifPresent(address -> labels.put(ADDRESS, address));
    return new Manifest(
        fresh.version(),
        fresh.createdAt(),
        fresh.name(),
        fresh.machine(),
        fresh.hooks(),
        before.map(Manifest::services).orElse(fresh.services()),
        before.flatMap(Manifest::liveness),
        labels,
        fresh.resources());
  }

  /** What is replaced knows what the guest serves. */
  private static Optional<Manifest> before(Path target) {
    if (!Files.exists(target)) {
      return Optional.empty();
    }
    try (ArkReader ark = ArkReader.open(target)) {
      return Optional.of(ark.manifest());
    } catch (IOException e) {
      return Optional.empty(); // no package, and replaced all the same
    }
  }

  /** Which instance the package was; empty of one that never ran since it was packaged. */
  public static Optional<Identity> identity(Path path) throws IOException {
    try (ArkReader ark = ArkReader.open(path)) {
      Map<String, String> labels = ark.manifest().labels();
      OptionalLong epoch = number(labels.get(EPOCH));
      return labels.containsKey(INSTANCE) && epoch.isPresent()
          ? Optional.of(
              new Identity(
                  labels.get(INSTANCE),
                  Optional.ofNullable(labels.get(ADDRESS)),
                  epoch.getAsLong()))
          : Optional.empty();
    }
  }

  private static OptionalLong number(String text) {
    try {
      return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** The digest of a package's index. */
  public static String index(Path path) throws IOException {
    try (ArkReader ark = ArkReader.open(path)) {
      return ark.indexDigest();
    }
  }
}
