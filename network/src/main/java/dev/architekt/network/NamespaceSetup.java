package dev.architekt.network;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Namespaces;
import dev.architekt.linux.Tun;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.HashMap;
import java.util.Map;

/** Fills a new namespace: veth pair, tap, addresses, static neighbours, rules. */
final class NamespaceSetup {
  private static final int MTU_DEFAULT = 1500;

  private final ClaimRecord record;
  private final VmNetwork network;
  private final Fd node;
  private final Fd namespace;

  NamespaceSetup(ClaimRecord record, VmNetwork network, Fd node, Fd namespace) {
    this.record = record;
    this.network = network;
    this.node = node;
    this.namespace = namespace;
  }

  /**
   * Builds everything and opens the tap, whose first waiting frame is the dummy. Leaves what it
   * made when it fails: the claim's removal knows it all.
   */
  Fd build() throws IOException {
    int mtu = Namespaces.inNetwork(node, "network-veth", this::buildPair);
    return Namespaces.inNetwork(namespace, "network-namespace", () -> buildInside(mtu));
  }

  private int buildPair() throws IOException {
    int mtu = record.uplink().isPresent() ? Uplink.named(record.uplink().get()).mtu() : MTU_DEFAULT;
    String near = record.nodeVeth();
    String far = record.namespaceVeth();
    String farEnd = host(network.namespaceEnd(record.index()));
    Commands.ip(
        "link add %s mtu %d address %s type veth peer name %s mtu %d address %s netns %s"
            .formatted(
                near, mtu, nearMac(), far, mtu, farMac(), Namespaces.pathOf(record.namespace())));
    Sysctls.setIfPresent("ipv6/conf/" + near + "/disable_ipv6", 1);
    Sysctls.set("ipv4/conf/" + near + "/forwarding", 1);
    Sysctls.set("ipv4/conf/" + near + "/rp_filter", 0); // our rules know the few valid sources
    Commands.ip(
        "address add %s/30 dev %s".formatted(host(network.nodeEnd(record.index())), near),
        "link set %s up".formatted(near),
        "neighbour replace %s lladdr %s dev %s nud permanent".formatted(farEnd, farMac(), near),
        "route add %s/32 via %s dev %s"
            .formatted(host(network.namespaceAddress(record.index())), farEnd, near));
    Commands.nft(NftRules.node(record, network));
    return mtu;
  }

  private Fd buildInside(int mtu) throws IOException {
    Map<String, Integer> settings = new HashMap<>();
    for (String scope : new String[] {"all", "default"}) {
      Sysctls.setIfPresent("ipv6/conf/" + scope + "/disable_ipv6", 1);
      settings.put("ipv4/conf/" + scope + "/rp_filter", 0);
      settings.put("ipv4/conf/" + scope + "/send_redirects", 0);
      settings.put("ipv4/conf/" + scope + "/accept_redirects", 0);
    }
    settings.put("ipv4/ip_forward", 1);
    for (Map.Entry<String, Integer> setting : settings.entrySet()) {
      Sysctls.set(setting.getKey(), setting.getValue());
    }
    Fd tap = Tun.openTap(network.tap());
    try {
      String veth = record.namespaceVeth();
      String nodeEnd = host(network.nodeEnd(record.index()));
      Commands.nft(NftRules.namespace(record, network));
      Commands.ip(
          "link set lo up",
          "link set %s address %s mtu %d txqueuelen %d"
              .formatted(network.tap(), network.gatewayMac(), mtu, network.tapQueue()),
          "address add %s/%d dev %s"
              .formatted(host(network.gateway()), network.inner().length(), network.tap()),
          "link set %s up".formatted(network.tap()),
          // A guest that does not run answers no ARP: without this, what is for it would be
          // dropped.
          "neighbour replace %s lladdr %s dev %s nud permanent"
              .formatted(host(network.guest()), network.guestMac(), network.tap()),
          "address add %s/30 dev %s".formatted(host(network.namespaceEnd(record.index())), veth),
          "link set %s up".formatted(veth),
          "neighbour replace %s lladdr %s dev %s nud permanent".formatted(nodeEnd, nearMac(), veth),
          "route add default via %s dev %s".formatted(nodeEnd, veth));
      return tap;
    } catch (IOException | RuntimeException e) {
      tap.close();
      throw e;
    }
  }

  /** Fixed, so that neither end ever has to ask for the other. */
  private MacAddress nearMac() {
    return new MacAddress(0x02_61_72_6b_00_00L | macIndex() | 1);
  }

  private MacAddress farMac() {
    return new MacAddress(0x02_61_72_6b_00_00L | macIndex());
  }

  private int macIndex() {
    return record.index() << 1 & 0xffff;
  }

  private static String host(Inet4Address address) {
    return address.getHostAddress();
  }
}
