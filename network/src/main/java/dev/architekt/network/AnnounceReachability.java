package dev.architekt.network;

import dev.architekt.linux.Interfaces;
import dev.architekt.linux.Namespaces;
import dev.architekt.linux.PacketSocket;
import dev.architekt.linux.RouteSocket;
import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Keeps connections between two nodes of one Ethernet segment: the kernel of the node that runs the
 * instance answers ARP for its address (a proxy neighbour entry, so that it stays reachable when
 * this process dies), a route leads to the VM's namespace, and 1:1 NAT there does the rest.
 *
 * <p>Two nodes that are processes on one host and share an uplink work as well: the route says
 * whose the address is, and only its owner takes the shared entry away.
 */
public final class AnnounceReachability implements Reachability {
  private final NamespaceClaim claim;
  private InstanceAddress address;
  private Uplink uplink;
  private int vethIndex;
  private byte[] bytes;
  private byte[] via;
  private byte[] own;
  private RouteSocket routes;
  private Announcer announcer;

  AnnounceReachability(NamespaceClaim claim) {
    this.claim = claim;
  }

  @Override
  public void requireUnused(InstanceAddress wanted) throws IOException {
    inNode(
        "network-probe",
        () -> {
          String route = route(wanted);
          if (!route.isBlank()) {
            throw new NetworkException(
                Problem.ADDRESS_TAKEN,
                "address " + wanted.host() + " is already used on this host (route " + route + ")",
                "choose another address for the instance, or stop its other owner");
          }
          AddressProbe.requireUnused(uplinkFor(wanted), wanted.address());
          return null;
        });
  }

  @Override
  public synchronized void prepare(InstanceAddress wanted) throws IOException {
    ClaimRecord before = claim.record();
    if (address == null && before.outer().filter(o -> !o.equals(wanted)).isPresent()) {
      throw new IllegalStateException(
          claim.name() + " has address " + before.outer().get() + ", release it first");
    }
    if (address != null && !address.equals(wanted)) {
      throw new IllegalStateException(claim.name() + " has address " + address);
    }
    close();
    inNode(
        "network-prepare",
        () -> {
          uplink = uplinkFor(wanted);
          return null;
        });
    // Written down first: what a crash leaves from here on is found by it.
    Optional<String> device = Optional.of(uplink.name());
    ClaimRecord record = claim.change(current -> current.withOuter(device, Optional.of(wanted)));
    inNode(
        "network-prepare",
        () -> {
          vethIndex = Interfaces.index(record.nodeVeth());
          Commands.nft(NftRules.node(record, claim.network()));
          routes = RouteSocket.open();
          announcer =
              new Announcer(
                  PacketSocket.open(
                      uplink.name(), PacketSocket.ETHERTYPE_NONE, Arp.FRAME_MAX, false),
                  uplink.mac(),
                  wanted.address());
          return null;
        });
    Namespaces.inNetwork(
        claim.namespace(),
        "network-nat",
        () -> {
          Commands.nft(NftRules.namespace(record, claim.network()));
          return null;
        });
    bytes = wanted.address().getAddress();
    via = claim.network().namespaceEnd(record.index()).getAddress();
    // Clients on the node itself are answered from the stable address like everybody else, and stay
    // connected when the instance moves, if they come from an address that the segment knows.
    own = uplink.address().getAddress();
    address = wanted;
    rehearse();
  }

  /** First calls load classes and link handles, some 10 ms; better now than during a switch. */
  private void rehearse() throws IOException {
    byte[] nobodys =
        claim.network().guest().getAddress(); // never an address of the node's own side
    routes.removeProxyNeighbour(nobodys, vethIndex);
    routes.replaceHostRoute(nobodys, via, own, vethIndex);
    routes.removeHostRoute(nobodys, vethIndex);
  }

  @Override
  public synchronized void announce() throws IOException {
    requirePrepared();
    routes.replaceHostRoute(bytes, via, own, vethIndex);
    routes.addProxyNeighbour(bytes, uplink.index());
    announcer.announce();
  }

  @Override
  public synchronized void hold() throws IOException {
    requirePrepared();
    announcer.quiet();
    routes.removeProxyNeighbour(bytes, uplink.index());
  }

  @Override
  public synchronized void divert() throws IOException {
    requirePrepared();
    withdraw();
  }

  @Override
  public synchronized void rollback() throws IOException {
    announce();
  }

  @Override
  public synchronized void release() throws IOException {
    if (address == null) {
      return;
    }
    withdraw();
    close();
    address = null;
    // The uplink stays written down: its settings are the claim's until the claim goes.
    ClaimRecord record = claim.record().withOuter(claim.record().uplink(), Optional.empty());
    inNode(
        "network-release",
        () -> {
          Commands.nft(NftRules.node(record, claim.network()));
          return null;
        });
    Namespaces.inNetwork(
        claim.namespace(),
        "network-release",
        () -> {
          Commands.nft(NftRules.namespace(record, claim.network()));
          return null;
        });
    claim.change(current -> current.withOuter(current.uplink(), Optional.empty()));
  }

  /** The route is ours by its interface; the entry is shared, and goes with its owner's route. */
  private void withdraw() throws IOException {
    announcer.quiet();
    if (routes.removeHostRoute(bytes, vethIndex)) {
      routes.removeProxyNeighbour(bytes, uplink.index());
    }
  }

  @Override
  public synchronized ReachabilityStatus status() throws IOException {
    ClaimRecord record = claim.record();
    Optional<InstanceAddress> outer = record.outer();
    if (outer.isEmpty()) {
      return new ReachabilityStatus(outer, record.uplink(), false, false, false);
    }
    String host = outer.get().host();
    boolean translated =
        Namespaces.inNetwork(
            claim.namespace(),
            "network-status",
            () -> Commands.run("nft", "list", "ruleset").contains(host));
    return inNode(
        "network-status",
        () ->
            new ReachabilityStatus(
                outer,
                record.uplink(),
                translated,
                route(outer.get()).contains(" " + record.nodeVeth() + " "),
                record.uplink().isPresent() && answers(host, record.uplink().get())));
  }

  private static boolean answers(String host, String uplinkName) throws IOException {
    return Commands.run("ip", "-4", "neighbour", "show", "proxy", "dev", uplinkName)
        .lines()
        .anyMatch(line -> line.startsWith(host + " "));
  }

  /** As {@code ip} prints it, always with a space at the end; blank when there is none. */
  private static String route(InstanceAddress address) throws IOException {
    String route =
        Commands.run("ip", "-4", "route", "show", "exact", address.host() + "/32").strip();
    return route.isEmpty() ? route : route + " ";
  }

  private Uplink uplinkFor(InstanceAddress wanted) throws IOException {
    // Even a named uplink must be on the segment: the VM's answers go out by the node's routes.
    return Uplink.onSegmentOf(wanted, claim.record().uplink(), claim.network().prefix());
  }

  private void requirePrepared() {
    if (address == null) {
      throw new IllegalStateException(claim.name() + " has no address: prepare it first");
    }
  }

  private <T> T inNode(String thread, Callable<T> work) throws IOException {
    return Namespaces.inNetwork(claim.node(), thread, work);
  }

  @Override
  public synchronized void close() {
    if (announcer != null) {
      announcer.close();
      announcer = null;
    }
    if (routes != null) {
      routes.close();
      routes = null;
    }
    address = null;
  }
}
