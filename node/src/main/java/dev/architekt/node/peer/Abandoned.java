package dev.architekt.node.peer;

import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.mount.FuseConnections;
import dev.architekt.network.NamespaceClaims;
import dev.architekt.node.instance.Cgroup;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Owner;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Ends a VM whose peer is gone, for those who want the room and not the VM. Whoever wants the VM
 * starts a peer on its directory.
 */
public final class Abandoned {
  private static final long END_MS = 20_000;
  private static final String FUSE_CONNECTION = "fuse_connection:";

  private Abandoned() {}

  /** The peer that uses {@code directory} now. */
  public static Optional<ProcessIdentity> owner(Path directory) throws IOException {
    Path file = directory.resolve("owner");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    String record = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return Owner.parse(record).filter(Abandoned::isAlive);
  }

  private static boolean isAlive(ProcessIdentity process) {
    try {
      return Owner.isAlive(process);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Kills the VM that runs out of {@code directory}, if any, and removes its sockets and its
   * network namespace. Its RAM is not saved. Nobody may be using the directory.
   *
   * @throws IOException when a peer uses the directory, or the VM's process does not end
   */
  public static void remove(Path directory) throws IOException {
    Optional<ProcessIdentity> owner = owner(directory);
    if (owner.isPresent()) {
      throw new IOException(
          directory + " is in use by process " + owner.get().pid() + "; stop that first");
    }
    StateDirectory state = StateDirectory.open(directory);
    Optional<MachineRecord> machine = DataPlane.find(state);
    if (machine.isPresent()) {
      kill(machine.get().process());
    }
    Cgroup.of(state).remove();
    state.removeSockets();
    try (NamespaceClaims claims = NamespaceClaims.machineWide()) {
      claims.sweep();
    }
  }

  /**
   * A process whose pages nobody serves hangs in the kernel while it ends, so the connections that
   * it holds are aborted first.
   */
  private static void kill(ProcessIdentity process) throws IOException {
    Optional<Pidfd> open = process.open();
    if (open.isEmpty()) {
      return;
    }
    try (Pidfd pidfd = open.get()) {
      for (int connection : connections(process.pid())) {
        FuseConnections.abort(connection, process.pid());
      }
      pidfd.signal(Pidfd.SIGKILL);
      if (!pidfd.awaitEnd(END_MS)) {
        throw new IOException(
            "the VM's process " + process.pid() + " does not end within " + END_MS / 1000 + " s");
      }
    }
  }

  private static int[] connections(long pid) throws IOException {
    try (var infos = Files.list(Path.of("/proc", Long.toString(pid), "fdinfo"))) {
      return infos
          .flatMap(Abandoned::lines)
          .filter(line -> line.startsWith(FUSE_CONNECTION))
          .mapToInt(line -> Integer.parseInt(line.substring(FUSE_CONNECTION.length()).strip()))
          .distinct()
          .toArray();
    }
  }

  private static java.util.stream.Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return java.util.stream.Stream.empty(); // closed since it was listed
    }
  }
}
