package dev.architekt.network;

import dev.architekt.linux.Interfaces;
import dev.architekt.linux.LinuxException;
import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The interface on which a node reaches its segment.
 *
 * @param address the node's own IPv4 address there
 * @param mtu in bytes
 */
record Uplink(String name, int index, MacAddress mac, Inet4Address address, int mtu) {

  /** The interface {@code name} of the calling thread's namespace. */
  static Uplink named(String name) throws IOException {
    try {
      return new Uplink(
          name,
          Interfaces.index(name),
          MacAddress.of(Interfaces.hardwareAddress(name)),
          (Inet4Address) InetAddress.getByAddress(Interfaces.ipv4Address(name)),
          Interfaces.mtu(name));
    } catch (LinuxException e) {
      throw unknown("uplink " + name + " cannot be used (" + e.getMessage() + ")", e);
    } catch (IllegalArgumentException e) {
      throw unknown(e.getMessage(), e);
    }
  }

  /**
   * The interface with an address in the subnet of {@code outer}, as every host of a segment has;
   * of several the {@code preferred} one.
   */
  static Uplink onSegmentOf(
      InstanceAddress outer, Optional<String> preferred, String namespacePrefix)
      throws IOException {
    List<String> seen = new ArrayList<>();
    List<String> fitting = new ArrayList<>();
    for (String line : Commands.run("ip", "-4", "-o", "address", "show").lines().toList()) {
      // 2: eth0    inet 10.77.0.11/24 brd 10.77.0.255 scope global eth0\ ...
      String[] words = line.strip().split("\\s+");
      if (words.length < 4 || !words[2].equals("inet") || isOurs(words[1], namespacePrefix)) {
        continue;
      }
      Cidr subnet = Cidr.parse(words[3]);
      if (subnet.length() < 32 && subnet.contains(outer.address())) {
        if (words[3].startsWith(outer.host() + "/")) {
          throw new NetworkException(
              Problem.ADDRESS_TAKEN,
              "address " + outer.host() + " is this host's own, on " + words[1],
              "choose another address for the instance");
        }
        fitting.add(words[1]);
      }
      seen.add(words[1] + " " + words[3]);
    }
    if (!fitting.isEmpty()) {
      return named(preferred.filter(fitting::contains).orElse(fitting.getFirst()));
    }
    throw unknown(
        "address " + outer + " lies in no subnet of this host (" + String.join(", ", seen) + ")",
        null);
  }

  /** The interface of the default route, if there is one. */
  static Optional<Uplink> ofDefaultRoute() throws IOException {
    String[] words =
        Commands.run("ip", "-4", "route", "show", "default")
            .lines()
            .findFirst()
            .orElse("")
            .split(" ");
    for (int i = 0; i + 1 < words.length; i++) {
      if (words[i].equals("dev")) {
        return Optional.of(named(words[i + 1]));
      }
    }
    return Optional.empty();
  }

  static boolean isOurs(String interfaceName, String namespacePrefix) {
    return interfaceName.matches(namespacePrefix + "[0-9]+-veth1(@.*)?");
  }

  private static NetworkException unknown(String what, Exception cause) {
    return new NetworkException(
        Problem.UPLINK_UNKNOWN,
        what,
        "name the interface on the clients' segment with --uplink, or choose an address of a segment"
            + " this host is on",
        cause);
  }
}
