package dev.architekt.network;

import dev.architekt.linux.PacketSocket;
import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.Optional;

/**
 * Asks a segment whether an address is in use (after RFC 5227, in half a second instead of
 * several).
 *
 * <p>Two kinds of question are sent, because Linux answers for an address of an instance (a proxy
 * entry) only when asked from an ordinary address, and never a probe from 0.0.0.0; while other
 * systems that are probing for the same address are seen by their probes only.
 */
final class AddressProbe {
  private static final int ROUNDS = 3;
  private static final int ROUND_MILLIS = 150;

  private AddressProbe() {}

  /**
   * Throws ADDRESS_TAKEN if anybody on the uplink's segment has, or is about to take, the address.
   */
  static void requireUnused(Uplink uplink, Inet4Address address) throws IOException {
    try (PacketSocket socket =
        PacketSocket.open(uplink.name(), PacketSocket.ETHERTYPE_ARP, Arp.FRAME_MAX, false)) {
      for (int round = 0; round < ROUNDS; round++) {
        socket.send(Arp.request(uplink.mac(), null, address).frame());
        socket.send(Arp.request(uplink.mac(), uplink.address(), address).frame());
        long deadline = System.nanoTime() + ROUND_MILLIS * 1_000_000L;
        long left;
        while ((left = (deadline - System.nanoTime()) / 1_000_000) > 0) {
          byte[] frame = socket.receive(left);
          Optional<MacAddress> owner =
              frame == null ? Optional.empty() : owner(frame, uplink, address);
          if (owner.isPresent()) {
            throw new NetworkException(
                Problem.ADDRESS_TAKEN,
                "address "
                    + address.getHostAddress()
                    + " is already used by MAC "
                    + owner.get()
                    + " on "
                    + uplink.name(),
                "choose another address for the instance, or stop its other owner");
          }
        }
      }
    }
  }

  private static Optional<MacAddress> owner(byte[] frame, Uplink uplink, Inet4Address address) {
    int wanted = Cidr.toInt(address);
    return Arp.parse(frame)
        .filter(arp -> !arp.sender().equals(uplink.mac()))
        .filter(arp ->
            arp.senderAddress() == wanted
                || (arp.operation() == Arp.REQUEST
                    && arp.senderAddress() == 0
                    && arp.targetAddress() == wanted))
        .map(Arp::sender);
  }
}
