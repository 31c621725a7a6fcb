package dev.architekt.network;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Namespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A segment with hosts: a bridge in a namespace of its own, and one namespace a host with an uplink
 * {@code eth0} in 10.77.0.0/24. Everything is removed on close, by name.
 */
final class Lab implements AutoCloseable {
  static final InstanceAddress OUTER = InstanceAddress.parse("10.77.0.50/24");

  /** Not the product's prefix: this machine may run VMs. */
  static final VmNetwork NETWORK =
      VmNetwork.defaults()
          .withSubnets(
              "nt", VmNetwork.defaults().hostVeths(), VmNetwork.defaults().namespaceVeths());

  private final String id =
      "lab" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0xffff));
  private final Map<String, Fd> hosts = new HashMap<>();
  private final Deque<String> names = new ArrayDeque<>();
  final Path claims;

  Lab(Path claims) throws IOException {
    this.claims = claims;
    Fd bridge = create("switch");
    in(bridge, () -> ip("link add br0 type bridge", "link set br0 up"));
  }

  /** Adds a host with address 10.77.0.{@code number}. */
  Fd host(String name, int number) throws IOException {
    Fd host = create(name);
    in(
        hosts.get("switch"),
        () ->
            ip(
                "link add port-%s type veth peer name eth0 netns %s".formatted(name, full(name)),
                "link set port-%s master br0 up".formatted(name)));
    in(
        host,
        () -> {
          ip(
              "link set lo up",
              "address add 10.77.0.%d/24 dev eth0".formatted(number),
              "link set eth0 up");
          return null;
        });
    return host;
  }

  /** A namespace with no link to the others. */
  Fd create(String name) throws IOException {
    Namespaces.createNetwork(full(name));
    names.push(full(name));
    Fd fd = Namespaces.network(full(name));
    hosts.put(name, fd);
    return fd;
  }

  void remove(String name) throws IOException {
    hosts.remove(name).close();
    names.remove(full(name));
    Namespaces.deleteNetwork(full(name));
  }

  String full(String name) {
    return id + name;
  }

  NamespaceClaims claimsOf(Fd host) throws IOException {
    return in(host, () -> new NamespaceClaims(claims));
  }

  static Void ip(String... lines) throws IOException {
    Commands.ip(lines);
    return null;
  }

  static <T> T in(Fd namespace, Callable<T> work) throws IOException {
    return Namespaces.inNetwork(namespace, "lab", work);
  }

  static String run(Fd namespace, String... command) throws IOException {
    return in(namespace, () -> Commands.run(command));
  }

  @Override
  public void close() throws IOException {
    hosts.values().forEach(Fd::close);
    while (!names.isEmpty()) {
      Namespaces.deleteNetwork(names.pop());
    }
  }
}
