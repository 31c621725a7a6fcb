package dev.architekt.network;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An ARP packet for Ethernet and IPv4 (RFC 826), with its frame.
 *
 * @param operation 1 asks, 2 answers
 * @param senderAddress as a number; 0 in a probe (RFC 5227)
 */
record Arp(
    int operation, MacAddress sender, int senderAddress, MacAddress target, int targetAddress) {
  static final int REQUEST = 1;
  static final int REPLY = 2;
  static final int FRAME_MAX = 1514;

  private static final int PACKET_END = 42;
  private static final int FRAME_MIN = 60;
  private static final MacAddress NOBODY = new MacAddress(0);

  /** Asks who has {@code address}; {@code from} null makes it a probe that nobody learns from. */
  static Arp request(MacAddress mac, Inet4Address from, Inet4Address address) {
    return new Arp(REQUEST, mac, from == null ? 0 : Cidr.toInt(from), NOBODY, Cidr.toInt(address));
  }

  /** Says that {@code address} is at {@code mac}, as a question: for neighbours that heed those. */
  static Arp announcement(MacAddress mac, Inet4Address address) {
    int value = Cidr.toInt(address);
    return new Arp(REQUEST, mac, value, NOBODY, value);
  }

  /**
   * The same as an answer; Linux counts one as gratuitous only if both hardware addresses agree.
   */
  static Arp announcementReply(MacAddress mac, Inet4Address address) {
    int value = Cidr.toInt(address);
    return new Arp(REPLY, mac, value, mac, value);
  }

  /** A broadcast frame with this packet. */
  byte[] frame() {
    ByteBuffer out = ByteBuffer.allocate(FRAME_MIN);
    out.putInt(-1).putShort((short) -1).put(sender.bytes()).putShort((short) 0x0806);
    out.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    out.putShort((short) operation).put(sender.bytes()).putInt(senderAddress);
    out.put(target.bytes()).putInt(targetAddress);
    return out.array();
  }

  /** Reads a frame; empty when it is no such packet. */
  static Optional<Arp> parse(byte[] frame) {
    if (frame.length < PACKET_END) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(frame, 12, frame.length - 12);
    if (in.getShort() != 0x0806 || in.getLong() >>> 16 != 0x0001_0800_0604L) {
      return Optional.empty();
    }
    int operation = in.getShort(20);
    byte[] mac = new byte[6];
    in.get(22, mac);
    byte[] target = new byte[6];
    in.get(32, target);
    return Optional.of(
        new Arp(
            operation, MacAddress.of(mac), in.getInt(28), MacAddress.of(target), in.getInt(38)));
  }
}
