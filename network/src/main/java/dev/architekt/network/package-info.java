/**
 * Namespaces, NAT, taps, and how an instance stays reachable while it moves.
 *
 * <pre>
 *   guest eth0 172.100.100.2/30                  the same in every VM, so a package runs anywhere
 *    └ tap0 172.100.100.1/30   ┐
 *      arkN-veth0 10.0.8.x/30  ┘ namespace arkN   nft: 172.100.100.2 ⇄ the instance's stable address
 *    ── arkN-veth1 10.0.8.y/30 ┐
 *       uplink                 ┘ node's namespace nft: isolation; answers ARP for the stable address
 * </pre>
 *
 * <p>{@link dev.architekt.network.NamespaceClaims} hands out namespaces, machine-wide and
 * crash-safe; {@link dev.architekt.network.TapPort} is the VM's end; {@link
 * dev.architekt.network.Reachability} moves the stable address.
 *
 * <p><b>NAT is stateless.</b> Addresses are rewritten one to one without connection tracking, so
 * that a move carries no state: a connection that its new node first sees by a FIN, a RST or a
 * SYN-ACK is translated like any other (connection tracking calls these INVALID and lets them pass
 * untranslated), and no port is ever changed. The price: addresses <i>inside</i> ICMP errors are
 * not rewritten. Path MTU is therefore handled by equal MTUs and MSS clamping in the namespace.
 *
 * <p><b>What of the host is touched.</b> {@code ip_forward} is not: forwarding is switched on for
 * the uplink and our own veth only (which is all that IPv4 asks for), {@code proxy_delay} of the
 * uplink is set to 0, both are recorded before the change and restored when the last claim on that
 * uplink goes. Rules are in tables of our own, one a claim ({@code architekt_<id>}), so that
 * removal is one command.
 *
 * <p><b>Threads.</b> Whatever enters a namespace runs on a platform thread of its own that ends
 * with the call. Repeated announcements come from one daemon thread per {@code
 * AnnounceReachability}.
 *
 * <p>IPv4 only: IPv6 is switched off inside the VM's namespace, where its neighbour discovery would
 * put frames of nobody's into the tap.
 */
package dev.architekt.network;
