package dev.architekt.bench.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.bench.lab.GuestImage;
import dev.architekt.bench.lab.Peers;
import dev.architekt.bench.lab.Rig;
import dev.architekt.cli.lab.Role;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.util.Optional;

/** The ordinary {@code architekt peer} commands, one a host. */
final class ArchitektEngine implements Engine {
  static final String NAME = "architekt";

  private final Rig rig;
  private final int emptyEvery;
  private Role peer;
  private int at = 1;
  private int moves;

  private ArchitektEngine(Rig rig, int emptyEvery, Role peer) {
    this.rig = rig;
    this.emptyEvery = emptyEvery;
    this.peer = peer;
  }

  /**
   * Starts the VM from its package on host 1 and waits until all of it is there.
   *
   * @param emptyEvery the destination of one move in so many is emptied before, the first one's
   *     always
   */
  static ArchitektEngine start(Rig rig, GuestImage image, int emptyEvery)
      throws IOException, InterruptedException {
    return new ArchitektEngine(rig, emptyEvery, Peers.fromPackage(rig, 1, image));
  }

  /** What the VM is, so that another QEMU can run the same. */
  InstanceSpec spec() throws IOException {
    return Peers.spec(rig, at);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String address() {
    return Peers.ADDRESS;
  }

  @Override
  public void thaw() throws IOException {
    Peers.monitor(rig, at, "cont");
  }

  @Override
  public void freeze() throws IOException {
    Peers.monitor(rig, at, "stop");
  }

  @Override
  public Move move() throws IOException, InterruptedException {
    int to = 3 - at;
    boolean toEmpty = moves % emptyEvery == 0;
    if (toEmpty) {
      Rig.delete(Peers.directory(rig, to));
    }
    long before = rig.topology().hostBytes(to);
    long began = System.nanoTime();
    Role next = Peers.start(rig, to, rig.topology().nodeAddress(at) + ":1338", Optional.empty());
    JsonNode report = next.await("report", Peers.LONG);
    double wallMs = (System.nanoTime() - began) / 1e6;
    long bytes = rig.topology().hostBytes(to) - before;
    next.await("listening", Peers.SOON);
    int status = peer.awaitEnd(Peers.LONG);
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
