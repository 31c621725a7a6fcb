package dev.architekt.network;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Interfaces;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Namespaces;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hands out network namespaces to the VMs of one machine, whichever process and "host" asks.
 *
 * <p>Claims are written down under one directory for the machine. A claim is <em>held</em> while
 * its owner runs; an <em>orphan</em> when the owner is gone and its VM runs, to be adopted by a
 * successor; and <em>stale</em> when both are gone, to be removed by whoever comes next.
 *
 * <p>The node's network namespace is that of the thread that makes this object. Thread-safe.
 */
public final class NamespaceClaims implements AutoCloseable {
  /** Below {@code /run}: a claim means nothing after a reboot. */
  public static final Path DEFAULT_DIRECTORY = Path.of("/run/architekt/network");

  private final ClaimDirectory directory;
  private final Fd node;
  private final long nodeInode;

  /** What {@link #sweep()} did and found. */
  public record Sweep(List<ClaimRecord> removed, List<ClaimRecord> orphans) {}

  /** Claims written down in {@code directory}, which all nodes of a machine must share. */
  public NamespaceClaims(Path directory) throws IOException {
    this.directory = new ClaimDirectory(directory);
    this.node = Namespaces.currentNetwork();
    this.nodeInode = Namespaces.inode(node);
  }

  /** The claims of this machine. */
  public static NamespaceClaims machineWide() throws IOException {
    return new NamespaceClaims(DEFAULT_DIRECTORY);
  }

  /**
   * Claims a free namespace and sets it up, after removing stale ones.
   *
   * @param uplink the interface towards clients; without one that of the default route, if any
   * @throws NetworkException NAMESPACES_EXHAUSTED, UPLINK_UNKNOWN, COMMAND_FAILED; nothing is left
   */
  public NamespaceClaim claim(VmNetwork network, Optional<String> uplink) throws IOException {
    ClaimRecord record =
        inNode(
            "network-claim",
            () -> {
              Optional<String> chosen =
                  uplink.isPresent()
                      ? Optional.of(Uplink.named(uplink.get()).name())
                      : Uplink.ofDefaultRoute().map(Uplink::name);
              return directory.locked(() -> {
                removeStale();
                return reserve(network, chosen);
              });
            });
    Fd namespace = null;
    Fd tap = null;
    try {
      namespace = Namespaces.network(record.namespace());
      tap = new NamespaceSetup(record, network, node, namespace).build();
      TapPort port = new TapPort(tap, namespace, network);
      port.rehearse();
      return new NamespaceClaim(this, network, record, node.duplicate(), namespace, port);
    } catch (IOException | RuntimeException e) {
      closeAll(tap, namespace);
      try {
        remove(record);
      } catch (IOException f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  /**
   * Takes over the claim of a process that is gone, with its VM running.
   *
   * @param tap the tap's descriptor, fetched from the VM; owned by the claim from now on
   * @throws NetworkException CLAIM_HELD by a living process, CLAIM_GONE when it was removed
   *     meanwhile
   */
  public NamespaceClaim adopt(VmNetwork network, ClaimRecord orphan, Fd tap) throws IOException {
    ClaimRecord record =
        inNode(
            "network-adopt",
            () ->
                directory.locked(() -> {
                  ClaimRecord current = require(orphan);
                  ProcessIdentity self = Liveness.self();
                  if (Liveness.runs(current.owner()) && !current.owner().equals(self)) {
                    throw new NetworkException(
                        Problem.CLAIM_HELD,
                        current.namespace() + " is held by process " + current.owner().pid(),
                        "stop that process first; its VM goes on running");
                  }
                  ClaimRecord adopted = current.withOwner(self);
                  directory.replace(adopted);
                  return adopted;
                }));
    Fd namespace = Namespaces.network(record.namespace());
    return new NamespaceClaim(
        this, network, record, node.duplicate(), namespace, new TapPort(tap, namespace, network));
  }

  /** Removes stale claims and reports orphans; for the start of a node. */
  public Sweep sweep() throws IOException {
    return inNode("network-sweep", () -> directory.locked(this::removeStale));
  }

  /** All claims of the machine, held or not. */
  public List<ClaimRecord> list() throws IOException {
    return directory.list();
  }

  /** The claim of {@code namespace}, if there is one. */
  public Optional<ClaimRecord> find(String namespace) throws IOException {
    return directory.find(namespace);
  }

  /**
   * Removes namespace, links, tables, routes and record of {@code record}, whatever exists of it.
   */
  public void remove(ClaimRecord record) throws IOException {
    inNode(
        "network-remove",
        () ->
            directory.locked(() -> {
              // The file may know more than the caller, and another claim may have its number.
              Optional<ClaimRecord> current = directory.find(record.namespace());
              if (current.isPresent() && current.get().id().equals(record.id())) {
                new NamespaceRemoval(directory, current.get()).run();
              }
              return null;
            }));
  }

  /** Writes a change of {@code record} down, and sees to the settings of its uplink. */
  void update(ClaimRecord record) throws IOException {
    inNode(
        "network-update",
        () ->
            directory.locked(() -> {
              Optional<String> before = require(record).uplink();
              directory.replace(record);
              if (record.uplink().isPresent()) {
                settings(record.uplink().get()).apply();
              }
              if (before.isPresent() && !before.equals(record.uplink())) {
                settings(before.get()).restoreUnlessUsedBy(directory.list(), nodeInode);
              }
              return null;
            }));
  }

  private UplinkSettings settings(String uplink) {
    return new UplinkSettings(directory, nodeInode, uplink);
  }

  private ClaimRecord require(ClaimRecord record) throws IOException {
    return directory
        .find(record.namespace())
        .filter(found -> found.id().equals(record.id()))
        .orElseThrow(() ->
            new NetworkException(
                Problem.CLAIM_GONE,
                "claim " + record.id() + " has been removed",
                "start the instance anew"));
  }

  private ClaimRecord reserve(VmNetwork network, Optional<String> uplink) throws IOException {
    for (int index = 0; index < network.namespacesMax(); index++) {
      String name = network.namespace(index);
      if (directory.find(name).isPresent()
          || Files.exists(Namespaces.pathOf(name))
          || linkExists(name + "-veth1")) {
        continue;
      }
      String id = name + "_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
      ClaimRecord record =
          new ClaimRecord(
              id,
              network.prefix(),
              index,
              ProcessIdentity.currentBootId(),
              nodeInode,
              Liveness.self(),
              Optional.empty(),
              uplink,
              Optional.empty());
      if (!directory.create(record)) {
        continue;
      }
      try {
        Namespaces.createNetwork(name);
        if (uplink.isPresent()) {
          settings(uplink.get()).apply();
        }
        return record;
      } catch (LinuxException e) {
        directory.delete(record);
        if (e.errno() != Errno.EEXIST) { // EEXIST: somebody else's namespace, not ours to touch
          throw e;
        }
      } catch (IOException | RuntimeException e) {
        new NamespaceRemoval(directory, record).run();
        throw e;
      }
    }
    throw new NetworkException(
        Problem.NAMESPACES_EXHAUSTED,
        "all " + network.namespacesMax() + " namespaces " + network.prefix() + "N are taken",
        "see `ip netns` and " + directory.path() + ", or choose larger subnets");
  }

  private Sweep removeStale() throws IOException {
    List<ClaimRecord> removed = new ArrayList<>();
    List<ClaimRecord> orphans = new ArrayList<>();
    for (ClaimRecord record : directory.list()) {
      boolean thisBoot = record.bootId().equals(ProcessIdentity.currentBootId());
      if (thisBoot && Liveness.runs(record.owner())) {
        continue;
      }
      if (thisBoot && (vmRuns(record) || inhabited(record))) {
        orphans.add(record);
        continue;
      }
      new NamespaceRemoval(directory, record).run();
      removed.add(record);
    }
    return new Sweep(List.copyOf(removed), List.copyOf(orphans));
  }

  private static boolean vmRuns(ClaimRecord record) throws IOException {
    return record.vm().isPresent() && Liveness.runs(record.vm().get());
  }

  /** A VM may have been started in the namespace just before its owner could write that down. */
  private static boolean inhabited(ClaimRecord record) throws IOException {
    try (Fd namespace = Namespaces.network(record.namespace())) {
      return NodeNamespaces.processIn(Namespaces.inode(namespace)).isPresent();
    } catch (LinuxException e) {
      return false; // no such name
    }
  }

  private static boolean linkExists(String name) {
    try {
      return Interfaces.index(name) > 0;
    } catch (LinuxException e) {
      return false;
    }
  }

  private <T> T inNode(String thread, Callable<T> work) throws IOException {
    return Namespaces.inNetwork(node, thread, work);
  }

  private static void closeAll(Fd... descriptors) {
    for (Fd descriptor : descriptors) {
      if (descriptor != null) {
        descriptor.close();
      }
    }
  }

  /** Ends this object; claims stay what they are. */
  @Override
  public void close() {
    node.close();
  }
}
