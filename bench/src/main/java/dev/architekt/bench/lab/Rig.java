package dev.architekt.bench.lab;

import dev.architekt.cli.lab.Line;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Topology;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Namespaces;
import dev.architekt.network.NamespaceClaims;
import dev.architekt.node.identity.Identity;
import dev.architekt.node.identity.TrustEntry;
import dev.architekt.node.identity.TrustRight;
import dev.architekt.probe.ProbeProcess;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Two hosts, a client, a folder for files, and everything that was started on them. {@link #close}
 * ends what is left, latest first; each thing that ends earlier is closed by whoever has it.
 */
public final class Rig implements AutoCloseable {
  private final String command;
  private final Topology topology;
  private final Path folder;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Fd[] nodes = new Fd[3];
  private final NamespaceClaims[] claims = new NamespaceClaims[3];

  private Rig(String command, Topology topology, Path folder) {
    this.command = command;
    this.topology = topology;
    this.folder = folder;
  }

  /**
   * Builds the hosts.
   *
   * @param name prefix of the namespaces, one scenario's at a time
   */
  public static Rig create(String name) throws IOException, InterruptedException {
    return create(name, Optional.empty());
  }

  /**
   * Builds the hosts, host 2 behind a line.
   *
   * @param name prefix of the namespaces, one scenario's at a time
   */
  public static Rig create(String name, Optional<Line> line)
      throws IOException, InterruptedException {
    String command = System.getenv().getOrDefault("ARCHITEKT_COMMAND", "./architekt");
    Topology topology = new Topology(name, line, shown -> {});
    Rig rig = new Rig(command, topology, Files.createTempDirectory("architekt-" + name + "-"));
    try {
      rig.introduce();
      topology.build();
      if (line.isPresent()) {
        List<String> relay = topology.enter(topology.switchName());
        relay.add(command);
        relay.addAll(line.get().relay());
        relay.add("--json");
        rig.keep(Role.start("the line", relay)).await("carrying", Peers.SOON);
      }
      for (int node = 1; node <= 2; node++) {
        rig.nodes[node] = rig.keep(Namespaces.network(topology.node(node)));
        rig.claims[node] =
            rig.keep(
                Namespaces.inNetwork(
                    rig.nodes[node], "bench-claims", NamespaceClaims::machineWide));
      }
      return rig;
    } catch (IOException | InterruptedException | RuntimeException e) {
      rig.close();
      throw e;
    }
  }

  /** Each host has an identity of its own, and trusts the other's. */
  private void introduce() throws IOException {
    Identity[] made = new Identity[3];
    for (int node = 1; node <= 2; node++) {
      made[node] =
          Identity.create(
              identity(node), "node-" + node, false, Identity.DAYS, InstantSource.system());
    }
    for (int node = 1; node <= 2; node++) {
      Identity other = made[3 - node];
      made[node]
          .trusted()
          .add(new TrustEntry(other.name(), TrustRight.ALL, other.fingerprint(), Optional.empty()));
    }
  }

  private Path identity(int node) {
    return folder.resolve("identity-" + node);
  }

  public Topology topology() {
    return topology;
  }

  public Path folder() {
    return folder;
  }

  /** The network namespace of host 1 or 2. */
  public Fd node(int node) {
    return nodes[node];
  }

  /** Namespaces for VMs on host 1 or 2. */
  public NamespaceClaims claims(int node) {
    return claims[node];
  }

  /** To be closed at the end, before what was there earlier. */
  public synchronized <T extends AutoCloseable> T keep(T thing) {
    open.push(thing);
    return thing;
  }

  /** Closes {@code thing} now. */
  public void end(AutoCloseable thing) throws IOException {
    synchronized (this) {
      open.remove(thing);
    }
    try {
      thing.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("ending " + thing + ": " + e.getMessage(), e);
    }
  }

  /** An ordinary {@code architekt} command on host {@code node}, which reports in JSON. */
  public Role role(String name, int node, String... words) throws IOException {
    List<String> all = topology.enter(topology.node(node));
    all.addAll(List.of("env", "ARCHITEKT_IDENTITY_DIR=" + identity(node)));
    all.add(command);
    all.addAll(List.of(words));
    all.add("--json");
    return keep(Role.start(name, all));
  }

  /** An ordinary {@code architekt} command to its end, its output on ours. */
  public static void run(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    all.add(System.getenv().getOrDefault("ARCHITEKT_COMMAND", "./architekt"));
    all.addAll(List.of(words));
    Process process = new ProcessBuilder(all).inheritIO().start();
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException("architekt " + words[0] + " ended with status " + status);
      }
    } finally {
      process.destroy();
    }
  }

  /**
   * A probe at the client, as {@link dev.architekt.probe.Probe} has its arguments.
   *
   * @param first whether it gets a processor before anybody else who wants one: for what measures
   */
  public ProbeProcess probe(boolean first, String... arguments)
      throws IOException, InterruptedException {
    List<String> prefix = topology.enter(topology.client());
    if (first) {
      prefix.addAll(List.of("chrt", "--rr", "1"));
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return keep(ProbeProcess.start(prefix, java, probeModule(), List.of(arguments)));
  }

  private static String probeModule() {
    try {
      return Path.of(ProbeProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Removes a folder and all that is in it, if it is there. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Ends everything; the first failure is thrown after all was tried. */
  @Override
  public void close() throws IOException {
    // An interrupt has done its work when this is reached; it must not cut the clean-up short.
    boolean interrupted = Thread.interrupted();
    IOException failure = null;
    while (true) {
      AutoCloseable next;
      synchronized (this) {
        next = open.poll();
      }
      if (next == null) {
        break;
      }
      try {
        next.close();
      } catch (Exception e) {
        failure = noted(failure, e);
      }
    }
    try {
      topology.close();
      delete(folder);
    } catch (IOException e) {
      failure = noted(failure, e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static IOException noted(IOException first, Exception next) {
    if (first == null) {
      return next instanceof IOException io ? io : new IOException(next.getMessage(), next);
    }
    first.addSuppressed(next);
    return first;
  }
}
