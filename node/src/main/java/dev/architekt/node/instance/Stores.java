package dev.architekt.node.instance;

import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.Lineage;
import dev.architekt.region.LocalStore;
import dev.architekt.region.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The local copies of an instance's regions: RAM first, then the disks, in the order that the
 * protocol counts them.
 */
public final class Stores implements AutoCloseable {
  private final Map<String, LocalStore> byName = new LinkedHashMap<>();

  private Stores() {}

  /** New copies in place of whatever was there. */
  public static Stores create(Host host, InstanceSpec spec, LocalStore.Start start)
      throws IOException {
    Stores stores = new Stores();
    try {
      for (Map.Entry<String, Long> region : sizes(spec).entrySet()) {
        Path directory = host.state().region(region.getKey());
        delete(directory);
        Files.createDirectories(directory.getParent());
        stores.byName.put(
            region.getKey(),
            LocalStore.create(
                directory, spec.id(), region.getValue(), start, options(region.getKey(), host)));
      }
      return stores;
    } catch (IOException | RuntimeException e) {
      stores.closeQuietly();
      throw e;
    }
  }

  /** The copies that are there, as a predecessor left them. */
  public static Stores open(Host host, InstanceSpec spec) throws IOException {
    Stores stores = new Stores();
    try {
      for (String name : sizes(spec).keySet()) {
        stores.byName.put(
            name, LocalStore.open(host.state().region(name), spec.id(), options(name, host)));
      }
      return stores;
    } catch (IOException | RuntimeException e) {
      stores.closeQuietly();
      throw e;
    }
  }

  /**
   * Copies for an instance that is about to arrive: those of an earlier stay where they are whole
   * and of this instance, empty ones else.
   */
  public static Stores forArrival(Host host, InstanceSpec spec) throws IOException {
    Stores stores = new Stores();
    try {
      for (Map.Entry<String, Long> region : sizes(spec).entrySet()) {
        stores.byName.put(region.getKey(), reopen(host, spec, region.getKey(), region.getValue()));
      }
      return stores;
    } catch (IOException | RuntimeException e) {
      stores.closeQuietly();
      throw e;
    }
  }

  private static LocalStore reopen(Host host, InstanceSpec spec, String name, long size)
      throws IOException {
    Path directory = host.state().region(name);
    if (LocalStore.exists(directory)) {
      try {
        LocalStore old = LocalStore.open(directory, spec.id(), options(name, host));
        if (old.size() == size && old.lineage().isPresent()) {
          return old;
        }
        old.close();
      } catch (IOException e) {
        host.output()
            .event(
                "stale-copy",
                "the earlier copy of "
                    + name
                    + " cannot be used, it is fetched anew: "
                    + e.getMessage(),
                "region",
                name);
      }
    }
    delete(directory);
    Files.createDirectories(directory.getParent());
    return LocalStore.create(
        directory, spec.id(), size, LocalStore.Start.ABSENT, options(name, host));
  }

  private static Map<String, Long> sizes(InstanceSpec spec) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    sizes.put(DataPlane.MEMORY, spec.memoryBytes());
    spec.disks().forEach(disk -> sizes.put(disk.name(), disk.size()));
    return sizes;
  }

  private static StoreOptions options(String name, Host host) throws IOException {
    if (!name.equals(DataPlane.MEMORY)) {
      return StoreOptions.failing();
    }
    return StoreOptions.waiting(full ->
        host.output()
            .event(
                full ? "disk-full" : "disk-space",
                full
                    ? "the disk below "
                        + host.state()
                        + " is full: the VM waits; free some space and it goes on"
                    : "there is space again: the VM goes on",
                "region",
                name));
  }

  /** Removes a copy's folder, which holds files only. */
  public static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  public LocalStore memory() {
    return byName.get(DataPlane.MEMORY);
  }

  public LocalStore disk(String name) {
    return byName.get(name);
  }

  /** All of them in the protocol's order. */
  public List<LocalStore> all() {
    return List.copyOf(byName.values());
  }

  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  public LocalStore get(int index) {
    return all().get(index);
  }

  /**
   * The epoch whose end each copy holds complete, or −1. A copy that lacks pages is none: a sender
   * cannot know which.
   */
  public List<Long> lineage() {
    List<Long> epochs = new ArrayList<>();
    for (LocalStore store : byName.values()) {
      boolean whole = store.absentCount() == 0;
      epochs.add(whole ? store.lineage().map(Lineage::epoch).orElse(-1L) : -1L);
    }
    return epochs;
  }

  /** Bytes that the VM has written to its RAM since this process serves it. */
  long writtenBytes() {
    return memory().writtenBytes();
  }

  public long absentPages() {
    return byName.values().stream().mapToLong(LocalStore::absentCount).sum();
  }

  /** Deletes the files too; after {@link #close}. */
  public static void deleteAll(StateDirectory state) throws IOException {
    delete(state.file("regions"));
  }

  @Override
  public void close() throws IOException {
    Closing closing = new Closing();
    byName.values().forEach(store -> closing.run(store::close));
    closing.finish();
  }

  void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      System.getLogger(Stores.class.getName())
          .log(System.Logger.Level.WARNING, "closing local copies: " + e.getMessage());
    }
  }
}
