package dev.architekt.bench.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.bench.lab.GuestImage;
import dev.architekt.bench.lab.Rig;
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

/** The ordinary {@code architekt peer} commands, one a host. */
final class ArchitektEngine implements Engine {
  static final String NAME = "architekt";

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(180);
  private static final String ADDRESS = "10.77.0.50";

  private final Rig rig;
  private final int emptyEvery;
  private Role peer;
  private int at = 1;
  private int moves;

  /**
   * @param emptyEvery the destination of one move in so many is emptied before, the first one's
   *     always
   */
  private ArchitektEngine(Rig rig, int emptyEvery) {
    this.rig = rig;
    this.emptyEvery = emptyEvery;
  }

  /** Starts the VM from its package on host 1 and waits until all of it is there. */
  static ArchitektEngine start(Rig rig, GuestImage image, int emptyEvery)
      throws IOException, InterruptedException {
    Role registry = rig.role("registry", 1, "registry", "--package-path", image.ark().toString());
    registry.await("listening", SOON);
    ArchitektEngine engine = new ArchitektEngine(rig, emptyEvery);
    engine.peer = engine.peer(1, rig.topology().nodeAddress(1) + ":1337", ADDRESS + "/24");
    engine.peer.await("running", SOON);
    engine.peer.await("complete", LONG);
    rig.end(registry);
    return engine;
  }

  private Role peer(int node, String raddr, String address) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of("peer", "--raddr", raddr, "--name", "node-" + node, "--cache-base-dir"));
    words.add(directory(node).toString());
    if (address != null) {
      words.addAll(List.of("--address", address));
    }
    return rig.role("peer on node " + node, node, words.toArray(String[]::new));
  }

  private Path directory(int node) {
    return rig.folder().resolve("node-" + node);
  }

  /** What the VM is, so that another QEMU can run the same. */
  InstanceSpec spec() throws IOException {
    Path file = directory(at).resolve("instance.json");
    return InstanceSpec.fromJson(Files.readAllBytes(file), file.toString());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String address() {
    return ADDRESS;
  }

  @Override
  public void thaw() throws IOException {
    monitor("cont");
  }

  @Override
  public void freeze() throws IOException {
    monitor("stop");
  }

  /** By the second monitor, which the peer leaves free. */
  private void monitor(String command) throws IOException {
    Path socket = StateDirectory.open(directory(at)).sockets().resolve("qmp1.sock");
    QmpClient.Listener nobody =
        new QmpClient.Listener() {
          @Override
          public void event(String name, Map<String, Object> data) {}

          @Override
          public void disconnected(String reason) {}
        };
    try (QmpClient qmp =
        QmpClient.connect(NAME, UnixDomainSocketAddress.of(socket), nobody, SOON)) {
      qmp.execute(command, Map.of(), SOON);
    }
  }

  @Override
  public Move move() throws IOException, InterruptedException {
    int to = 3 - at;
    boolean toEmpty = moves % emptyEvery == 0;
    if (toEmpty) {
      Rig.delete(directory(to));
    }
    long before = rig.topology().hostBytes(to);
    long began = System.nanoTime();
    Role next = peer(to, rig.topology().nodeAddress(at) + ":1338", null);
    JsonNode report = next.await("report", LONG);
    double wallMs = (System.nanoTime() - began) / 1e6;
    long bytes = rig.topology().hostBytes(to) - before;
    next.await("listening", SOON);
    int status = peer.awaitEnd(LONG);
    if (status != 0) {
      throw new IOException(
          "the peer on node " + at + " ended with status " + status + ": " + peer.errorText());
    }
    rig.end(peer);
    peer = next;
    at = to;
    moves++;
    String remark =
        report.path("rounds").asInt()
            + " rounds, "
            + report.path("chunksOnDemand").asLong()
            + " on demand, "
            + report.path("switchReason").asText();
    return new Move(
        report.path("pauseMs").asDouble(),
        wallMs,
        wallMs - report.path("totalMs").asDouble(),
        bytes,
        toEmpty,
        remark);
  }

  @Override
  public void close() throws IOException {
    rig.end(peer);
  }
}
