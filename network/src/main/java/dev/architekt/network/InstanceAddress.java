package dev.architekt.network;

import java.net.Inet4Address;

/**
 * The stable outer address of an instance, which moves with it.
 *
 * @param address what clients connect to
 * @param prefixLength of the segment it lies on; 1 to 32
 */
public record InstanceAddress(Inet4Address address, int prefixLength) {
  public InstanceAddress {
    if (prefixLength < 1 || prefixLength > 32) {
      throw new IllegalArgumentException("prefix length " + prefixLength + ", expected 1 to 32");
    }
    if (address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || address.isLoopbackAddress()) {
      throw new IllegalArgumentException(address.getHostAddress() + " cannot be a host's address");
    }
  }

  /** Reads {@code 10.77.0.50/24}, or an address alone. */
  public static InstanceAddress parse(String text) {
    Cidr.parse(text); // for its message
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    return new InstanceAddress(
        (Inet4Address) Inet4Address.ofLiteral(address),
        slash < 0 ? 32 : Integer.parseInt(text.substring(slash + 1)));
  }

  /** Without the prefix length. */
  public String host() {
    return address.getHostAddress();
  }

  @Override
  public String toString() {
    return host() + "/" + prefixLength;
  }
}
