package dev.architekt.bench.lab;

import dev.architekt.cli.lab.Role;
import dev.architekt.hypervisor.qemu.QmpClient;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The ordinary {@code architekt peer} commands of a rig, one directory a host. */
public final class Peers {
  public static final Duration SOON = Duration.ofSeconds(60);
  public static final Duration LONG = Duration.ofSeconds(300);

  /** How clients reach the VM. */
  public static final String ADDRESS = "10.77.0.50";

  private Peers() {}

  /** Where the peer on host {@code node} keeps its VM. */
  public static Path directory(Rig rig, int node) {
    return rig.folder().resolve("node-" + node);
  }

  /** Starts a peer and waits for nothing. */
  public static Role start(Rig rig, int node, String raddr, Optional<String> address)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of("peer", "--raddr", raddr, "--name", "node-" + node, "--on-stop", "stop"));
    words.add("--cache-base-dir");
    words.add(directory(rig, node).toString());
    address.ifPresent(value -> words.addAll(List.of("--address", value + "/24")));
    return rig.role("peer on node " + node, node, words.toArray(String[]::new));
  }

  /** A registry of {@code image} on host {@code node} that listens. */
  public static Role registry(Rig rig, int node, GuestImage image)
      throws IOException, InterruptedException {
    Role registry =
        rig.role("registry", node, "registry", "--package-path", image.ark().toString());
    registry.await("listening", SOON);
    return registry;
  }

  /** A new VM on host {@code node}, of which everything is there. */
  public static Role fromPackage(Rig rig, int node, GuestImage image)
      throws IOException, InterruptedException {
    Role registry = registry(rig, node, image);
    Role peer = start(rig, node, rig.topology().nodeAddress(node) + ":1337", Optional.of(ADDRESS));
    peer.await("running", SOON);
    peer.await("complete", LONG);
    rig.end(registry);
    return peer;
  }

  /** What the VM on host {@code node} is, so that another QEMU can run the same. */
  public static InstanceSpec spec(Rig rig, int node) throws IOException {
    Path file = directory(rig, node).resolve("instance.json");
    return InstanceSpec.fromJson(Files.readAllBytes(file), file.toString());
  }

  /** Stops or runs the VM on host {@code node}, by the monitor that its peer leaves free. */
  public static void monitor(Rig rig, int node, String command) throws IOException {
    Path socket = StateDirectory.open(directory(rig, node)).sockets().resolve("qmp1.sock");
    try (QmpClient qmp =
        QmpClient.connect("VM", UnixDomainSocketAddress.of(socket), new Nobody(), SOON)) {
      qmp.execute(command, Map.of(), SOON);
    }
  }
}
