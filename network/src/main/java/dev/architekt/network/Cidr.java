package dev.architekt.network;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** An IPv4 subnet, such as {@code 10.0.8.0/22}; host bits are cleared. */
public record Cidr(int base, int length) {
  public Cidr {
    if (length < 0 || length > 32) {
      throw new IllegalArgumentException("prefix length " + length + ", expected 0 to 32");
    }
    base &= mask(length);
  }

  /** Reads {@code a.b.c.d/length}, or an address alone as a subnet of one. */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    try {
      String address = slash < 0 ? text : text.substring(0, slash);
      int length = slash < 0 ? 32 : Integer.parseInt(text.substring(slash + 1));
      return new Cidr(toInt(Inet4Address.ofLiteral(address)), length);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is no IPv4 subnet such as 10.0.8.0/22", e);
    }
  }

  /** The number of addresses, network and broadcast included. */
  public long size() {
    return 1L << (32 - length);
  }

  /** The {@code n}-th address, from 0. */
  public Inet4Address address(int n) {
    if (n < 0 || n >= size()) {
      throw new IndexOutOfBoundsException("address " + n + " of " + this);
    }
    return toAddress(base + n);
  }

  public boolean contains(Inet4Address address) {
    return (toInt(address) & mask(length)) == base;
  }

  public boolean overlaps(Cidr other) {
    int common = Math.min(length, other.length);
    return (base & mask(common)) == (other.base & mask(common));
  }

  static int toInt(Inet4Address address) {
    byte[] b = address.getAddress();
    return (b[0] & 0xff) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | (b[3] & 0xff);
  }

  static Inet4Address toAddress(int value) {
    byte[] bytes = {
      (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
    };
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  private static int mask(int length) {
    return length == 0 ? 0 : -1 << (32 - length);
  }

  @Override
  public String toString() {
    return toAddress(base).getHostAddress() + "/" + length;
  }
}
