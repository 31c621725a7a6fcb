package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Topology;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The whole story: package a Redis VM, let clients write to it, move it between two hosts, and
 * judge from outside.
 */
public final class Demo implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(180);
  private static final String SEED = "1";

  private final DemoOptions options;
  private final String command;
  private final PrintStream out;
  private final List<HopResult> hops = new ArrayList<>();
  private final List<Role> roles = new ArrayList<>();
  private Topology topology;
  private Path work;
  private Role registry;
  private Role peer;
  private Role gap;
  private Role load;
  private Role clock;
  private double idleGapMs;

  public Demo(DemoOptions options, String command, PrintStream out) {
    this.options = options;
    this.command = command;
    this.out = out;
  }

  /** Runs it; what a judge outside has seen. */
  public Verdict run() throws IOException, InterruptedException {
    Path ark = prepare();
    topology = Topology.create("demo");
    work = Files.createTempDirectory("architekt-demo-");
    startService(ark);
    startClients();
    idleGapMs = idle();
    out.printf(Locale.ROOT, "the longest wait of a client without a move: %.1f ms%n", idleGapMs);
    int at = 1;
    for (int hop = 1; hop <= options.hops(); hop++) {
      int to = 3 - at;
      hops.add(hop(hop, at, to));
      at = to;
      Thread.sleep(options.between().toMillis());
    }
    return judge();
  }

  // --- before
  // -------------------------------------------------------------------------------------

  private Path prepare() throws IOException, InterruptedException {
    Path folder = Path.of("out", "demo").toAbsolutePath();
    Files.createDirectories(folder);
    Path ark = folder.resolve("redis-" + options.memoryMiB() + ".ark");
    if (Files.exists(ark)) {
      out.println("using the package of an earlier run: " + ark);
      return ark;
    }
    String blueprint = folder.resolve("blueprint").toString();
    byHand("blueprint", "--package", "redis-server", "--output", blueprint);
    byHand(
        "packager",
        "--kernel-input-path",
        blueprint + "/architekt.arkkernel",
        "--initramfs-input-path",
        blueprint + "/architekt.arkinitramfs",
        "--disk-input-path",
        blueprint + "/architekt.arkdisk",
        "--memory-size",
        Integer.toString(options.memoryMiB()),
        "--package-output-path",
        ark.toString());
    return ark;
  }

  private void byHand(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(words));
    out.println("$ architekt " + String.join(" ", words));
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

  private Role role(String name, String namespace, boolean json, String... words)
      throws IOException {
    List<String> all = topology.enter(namespace);
    all.add(command);
    all.addAll(List.of(words));
    if (json) {
      all.add("--json");
    }
    out.println(
        "$ "
            + String.join(" ", topology.enter(namespace))
            + " architekt "
            + String.join(" ", words));
    Role role = Role.start(name, all);
    roles.add(role);
    return role;
  }

  private void startService(Path ark) throws IOException, InterruptedException {
    registry =
        role("registry", topology.node(1), true, "registry", "--package-path", ark.toString());
    registry.await("listening", SOON);
    peer = peer(1, topology.nodeAddress(1) + ":1337", Topology.INSTANCE + "/24");
    JsonNode running = peer.await("running", SOON);
    out.printf(
        Locale.ROOT, "the VM runs on node 1 after %.0f ms%n", running.path("startMs").asDouble());
    peer.await("listening", SOON);
    peer.await("complete", LONG);
  }

  private Role peer(int node, String raddr, String address) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "peer",
                "--raddr",
                raddr,
                "--name",
                "node-" + node,
                "--cache-base-dir",
                work.resolve("node-" + node).toString()));
    if (address != null) {
      words.addAll(List.of("--address", address));
    }
    return role("peer on node " + node, topology.node(node), true, words.toArray(String[]::new));
  }

  private void startClients() throws IOException, InterruptedException {
    String redis = Topology.INSTANCE + ":6379";
    gap = role("gap probe", topology.client(), false, "probe", "gap", redis);
    load = role("load", topology.client(), false, "probe", "load", options.load(), redis, SEED);
    clock =
        role(
            "clock probe", topology.client(), false, "probe", "clock", Topology.INSTANCE + ":1341");
    for (Role probe : List.of(gap, load, clock)) {
      probe.await("started", SOON);
    }
  }

  private double idle() throws IOException, InterruptedException {
    Thread.sleep(2000);
    mark("idle");
    Thread.sleep(options.idle().toMillis());
    return mark("moves").path("gapMs").asDouble();
  }

  private JsonNode mark(String label) throws IOException, InterruptedException {
    return gap.ask("{\"command\":\"mark\",\"label\":\"" + label + "\"}", "window", SOON);
  }

  // --- one hop
  // ------------------------------------------------------------------------------------

  private HopResult hop(int number, int from, int to) throws IOException, InterruptedException {
    mark("hop " + number);
    long before = topology.hostBytes(to);
    Role next = peer(to, topology.nodeAddress(from) + ":1338", null);
    next.await("running", LONG);
    JsonNode report = next.await("report", LONG);
    next.await("listening", SOON);
    int status = peer.awaitEnd(LONG);
    if (status != 0) {
      throw new IOException(
          "the peer on node " + from + " ended with status " + status + ": " + peer.errorText());
    }
    peer = next;
    Thread.sleep(2000);
    JsonNode window = mark("after hop " + number);
    HopResult result =
        new HopResult(
            "node-" + from,
            "node-" + to,
            window.path("gapMs").asDouble(),
            idleGapMs,
            report.path("pauseMs").asDouble(),
            report.path("totalMs").asDouble(),
            topology.hostBytes(to) - before,
            report.path("rounds").asInt(),
            report.path("chunksOnDemand").asLong(),
            report.path("switchReason").asText());
    out.printf(
        Locale.ROOT,
        "hop %d: %s to %s, gap %.1f ms, pause %.1f ms, total %.0f ms, %.1f MB%n",
        number,
        result.from(),
        result.to(),
        result.clientGapMs(),
        result.pauseMs(),
        result.totalMs(),
        result.bytesOnWire() / 1e6);
    return result;
  }

  // --- afterwards
  // ---------------------------------------------------------------------------------

  private Verdict judge() throws IOException, InterruptedException {
    JsonNode gapEnd = gap.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode loadEnd = load.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode clockEnd = clock.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode verified = load.ask("{\"command\":\"verify\"}", "verified", LONG);
    return new Verdict(hops, gapEnd, loadEnd, clockEnd, verified);
  }

  /** Ends every process by SIGTERM, the VM first, then the hosts, then the files. */
  @Override
  public void close() throws IOException {
    for (Role role : roles.reversed()) {
      role.close();
    }
    if (topology != null) {
      topology.close();
    }
    if (work != null) {
      try (var files = Files.walk(work)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** Leaves everything up: how to reach it, and how to remove it. */
  public String kept() {
    StringBuilder text = new StringBuilder();
    text.append("left running (--keep): the VM at ").append(Topology.INSTANCE).append('\n');
    text.append("  nsenter --net=/run/netns/").append(topology.client());
    text.append(" redis-cli -h ").append(Topology.INSTANCE).append('\n');
    text.append("remove it with:\n  kill ").append(peer.pid()).append(' ').append(registry.pid());
    text.append("   (then, once they have ended)\n");
    Topology.removal("demo").forEach(line -> text.append("  ").append(line).append('\n'));
    text.append("  rm -r ").append(work);
    return text.toString();
  }

  /** Closes the clients only, for {@link #kept}. */
  public void closeClients() {
    for (Role probe : List.of(gap, load, clock)) {
      probe.close();
    }
  }
}
