package dev.architekt.network;

import java.net.Inet4Address;

/**
 * The plan that every VM's network on a machine follows.
 *
 * @param prefix of namespace names: {@code ark0}, {@code ark1}, …; 1 to 6 lower-case letters,
 *     digits
 * @param hostVeths from which each namespace gets a /30 for its veth pair
 * @param namespaceVeths from which each namespace gets the one address that stands for its VM on
 *     this node
 * @param tap name of the tap in each namespace
 * @param inner the subnet behind each tap
 * @param gateway the namespace's address in {@code inner}
 * @param guest the VM's address in {@code inner}
 * @param gatewayMac of the tap. The same on every node: a moved guest keeps its neighbour table
 * @param guestMac of the VM's own interface, from its package's manifest
 * @param tapQueue frames that can wait for a VM that does not run yet; the kernel's default of
 *     1,000 loses packets in a move
 */
public record VmNetwork(
    String prefix,
    Cidr hostVeths,
    Cidr namespaceVeths,
    String tap,
    Cidr inner,
    Inet4Address gateway,
    Inet4Address guest,
    MacAddress gatewayMac,
    MacAddress guestMac,
    int tapQueue) {
  public static final int TAP_QUEUE_MIN = 10_000;

  public VmNetwork {
    require(prefix.matches("[a-z][a-z0-9]{0,5}"), "namespace prefix '" + prefix + "'");
    require(tap.matches("[a-z][a-z0-9]{0,14}"), "tap name '" + tap + "'");
    require(hostVeths.length() <= 30, "host veth subnet " + hostVeths + " holds no /30");
    require(
        namespaceVeths.length() <= 30, "namespace veth subnet " + namespaceVeths + " is too small");
    require(
        !hostVeths.overlaps(namespaceVeths)
            && !hostVeths.overlaps(inner)
            && !namespaceVeths.overlaps(inner),
        "subnets " + hostVeths + ", " + namespaceVeths + ", " + inner + " overlap");
    require(
        inner.contains(gateway) && inner.contains(guest) && !gateway.equals(guest),
        "gateway " + gateway + " and guest " + guest + " must be two addresses of " + inner);
    require(!gatewayMac.equals(guestMac), "gateway and guest share the address " + gatewayMac);
    require(tapQueue >= TAP_QUEUE_MIN, "tap queue of " + tapQueue + " frames");
  }

  /** The talk's addresses, and a guest MAC one above the gateway's. */
  public static VmNetwork defaults() {
    return new VmNetwork(
        "ark",
        Cidr.parse("10.0.8.0/22"),
        Cidr.parse("10.0.15.0/24"),
        "tap0",
        Cidr.parse("172.100.100.0/30"),
        (Inet4Address) Inet4Address.ofLiteral("172.100.100.1"),
        (Inet4Address) Inet4Address.ofLiteral("172.100.100.2"),
        MacAddress.parse("02:0e:d9:fd:68:3d"),
        MacAddress.parse("02:0e:d9:fd:68:3e"),
        16_384);
  }

  /** The same plan for a guest whose interface has {@code mac}. */
  public VmNetwork withGuestMac(MacAddress mac) {
    return new VmNetwork(
        prefix, hostVeths, namespaceVeths, tap, inner, gateway, guest, gatewayMac, mac, tapQueue);
  }

  /** The same plan with other namespace names and subnets (the command line's flags). */
  public VmNetwork withSubnets(String newPrefix, Cidr newHostVeths, Cidr newNamespaceVeths) {
    return new VmNetwork(
        newPrefix,
        newHostVeths,
        newNamespaceVeths,
        tap,
        inner,
        gateway,
        guest,
        gatewayMac,
        guestMac,
        tapQueue);
  }

  /** How many namespaces the subnets allow: 254 with the defaults. */
  public int namespacesMax() {
    return (int) Math.min(hostVeths.size() / 4, namespaceVeths.size() - 2);
  }

  String namespace(int index) {
    return prefix + index;
  }

  /** The end of pair {@code index} inside the VM's namespace. */
  Inet4Address namespaceEnd(int index) {
    return hostVeths.address(4 * index + 1);
  }

  /** The end of pair {@code index} in the node's namespace. */
  Inet4Address nodeEnd(int index) {
    return hostVeths.address(4 * index + 2);
  }

  /** Stands for the VM of namespace {@code index} on this node, before NAT. */
  Inet4Address namespaceAddress(int index) {
    return namespaceVeths.address(index + 1);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what);
    }
  }
}
