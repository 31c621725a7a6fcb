package dev.architekt.network;

import java.util.Optional;

/** The nftables rules of one claim, as text; each replaces its whole table in one transaction. */
final class NftRules {
  /** The only table in a VM's namespace. */
  static final String NAMESPACE_TABLE = "architekt";

  private NftRules() {}

  /**
   * Inside the VM's namespace: the guest's address against the outer ones, without connection
   * tracking. The node itself talks to the namespace's address, everybody else to the stable one;
   * which of the two an answer leaves with follows from whom it goes to.
   */
  static String namespace(ClaimRecord record, VmNetwork network) {
    String guest = network.guest().getHostAddress();
    String local = network.namespaceAddress(record.index()).getHostAddress();
    String outer = record.outer().map(InstanceAddress::host).orElse(local);
    String veth = record.namespaceVeth();
    String theirs = record.outer().isPresent() ? "{ " + local + ", " + outer + " }" : local;
    return replace(
        NAMESPACE_TABLE,
        """
          chain inbound {
            type filter hook prerouting priority raw; policy accept;
            iifname "%1$s" ip daddr %2$s ip daddr set %3$s
          }
          chain forwarded {
            type filter hook forward priority filter; policy drop;
            tcp flags syn tcp option maxseg size set rt mtu
            iifname "%1$s" oifname "%4$s" ip daddr %3$s accept
            iifname "%4$s" oifname "%1$s" ip saddr %3$s accept
          }
          chain outbound {
            type filter hook postrouting priority mangle; policy accept;
            oifname "%1$s" ip saddr %3$s ip daddr %5$s ip saddr set %6$s
            oifname "%1$s" ip saddr %3$s ip saddr set %7$s
          }
        """
            .formatted(veth, theirs, guest, network.tap(), network.hostVeths(), local, outer));
  }

  /**
   * In the node's namespace: VMs neither reach each other by their node-local addresses nor send
   * with an address that is not theirs. With a stable address the host's connection tracking is
   * told to stay out; without one the VM goes out behind the node's own address.
   */
  static String node(ClaimRecord record, VmNetwork network) {
    String veth = record.nodeVeth();
    String local = network.namespaceAddress(record.index()).getHostAddress();
    String end = network.namespaceEnd(record.index()).getHostAddress();
    String nodeEnd = network.nodeEnd(record.index()).getHostAddress();
    Optional<String> outer = record.outer().map(InstanceAddress::host);
    String own = end + ", " + local + outer.map(o -> ", " + o).orElse("");
    String isolation =
        """
          chain isolated {
            type filter hook forward priority filter; policy accept;
            iifname "%1$s" ip saddr != { %2$s } drop
            iifname "%1$s" ip daddr { %3$s, %4$s } drop
          }
          chain guarded {
            type filter hook input priority filter; policy accept;
            iifname "%1$s" ip saddr != { %2$s } drop
            iifname "%1$s" ip daddr { %3$s, %4$s } ip daddr != %5$s drop
          }
        """
            .formatted(veth, own, network.hostVeths(), network.namespaceVeths(), nodeEnd);
    String translation =
        outer
            .map(o ->
                """
                  chain untracked {
                    type filter hook prerouting priority raw; policy accept;
                    ip daddr %1$s notrack
                    ip saddr %1$s notrack
                  }
                """
                    .formatted(o))
            .orElseGet(() ->
                """
                  chain masqueraded {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr %s oifname != "%s" masquerade
                  }
                """
                    .formatted(local, veth));
    return replace(record.nodeTable(), isolation + translation);
  }

  /** Removes the table, whether it is there or not. */
  static String remove(String table) {
    return "table ip " + table + "\ndelete table ip " + table + "\n";
  }

  private static String replace(String table, String chains) {
    return remove(table) + "table ip " + table + " {\n" + chains + "}\n";
  }
}
