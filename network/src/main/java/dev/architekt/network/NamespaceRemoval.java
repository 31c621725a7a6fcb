package dev.architekt.network;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Interfaces;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Namespaces;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.linux.RouteSocket;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Takes away everything a claim's record names, whatever of it exists; doing it twice is harmless.
 * Called under the claim directory's lock.
 */
final class NamespaceRemoval {
  private final ClaimDirectory claims;
  private final ClaimRecord record;

  NamespaceRemoval(ClaimDirectory claims, ClaimRecord record) {
    this.claims = claims;
    this.record = record;
  }

  void run() throws IOException {
    boolean thisBoot = record.bootId().equals(ProcessIdentity.currentBootId());
    Optional<Fd> node = thisBoot ? NodeNamespaces.find(record.nodeNamespace()) : Optional.empty();
    if (node.isPresent()) {
      try (Fd open = node.get()) {
        Namespaces.inNetwork(open, "network-remove", this::clearNode);
      }
    }
    if (thisBoot) {
      Namespaces.deleteNetwork(record.namespace());
    }
    claims.delete(record);
    if (record.uplink().isPresent()) {
      restoreUplink(node.isPresent());
    }
  }

  private Void clearNode() throws IOException {
    if (record.outer().isPresent() && record.uplink().isPresent()) {
      withdraw(record.outer().get(), record.uplink().get());
    }
    if (exists(record.nodeVeth())) {
      // With it goes its other end, and the routes and neighbours of both.
      Commands.run("ip", "link", "delete", record.nodeVeth());
    }
    Commands.nft(NftRules.remove(record.nodeTable()));
    return null;
  }

  /** Another claim of this node may have taken the address over: then the entry is that one's. */
  private void withdraw(InstanceAddress outer, String uplink) throws IOException {
    try (RouteSocket routes = RouteSocket.open()) {
      byte[] address = outer.address().getAddress();
      if (exists(record.nodeVeth())) {
        routes.removeHostRoute(address, Interfaces.index(record.nodeVeth()));
      }
      boolean elsewhere =
          !Commands.run("ip", "-4", "route", "show", "exact", outer.host() + "/32").isBlank();
      if (!elsewhere && exists(uplink)) {
        routes.removeProxyNeighbour(address, Interfaces.index(uplink));
      }
    }
  }

  private void restoreUplink(boolean nodeExists) throws IOException {
    UplinkSettings settings =
        new UplinkSettings(claims, record.nodeNamespace(), record.uplink().get());
    if (!nodeExists) {
      settings.forget();
      return;
    }
    List<ClaimRecord> remaining = claims.list();
    try (Fd open = NodeNamespaces.find(record.nodeNamespace()).orElseThrow()) {
      Namespaces.inNetwork(
          open,
          "network-restore",
          () -> {
            settings.restoreUnlessUsedBy(remaining, record.nodeNamespace());
            return null;
          });
    }
  }

  private static boolean exists(String interfaceName) throws LinuxException {
    try {
      return Interfaces.index(interfaceName) > 0;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENODEV) {
        return false;
      }
      throw e;
    }
  }
}
