package dev.architekt.cli.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two hosts, a client and the switch between them, each a network namespace of this machine:
 *
 * <pre>
 *   demo-node-1 10.77.0.1 ──┐
 *   demo-node-2 10.77.0.2 ──┤ demo-switch (a bridge)
 *   demo-client 10.77.0.100 ┘
 * </pre>
 *
 * With a {@link Line}, node 2 is elsewhere: behind a second bridge, and a line between the two.
 *
 * <pre>
 *   demo-node-1, demo-client ── br0 ── near ═══ relay ═══ far ── br1 ── demo-node-2
 * </pre>
 *
 * The machine's own network is not touched: even the bridge has a namespace of its own. {@link
 * #close} removes the namespaces by their names, and with them every link in them.
 */
public final class Topology implements AutoCloseable {
  /** The address that the VM keeps wherever it runs. */
  public static final String INSTANCE = "10.77.0.50";

  private static final int PREFIX_LENGTH = 24;
  private static final String SUBNET = "10.77.0.0";
  private static final String COUNTERS = "demo";
  private static final Pattern BYTES = Pattern.compile("bytes ([0-9]+)");

  private final String prefix;
  private final List<String> made = new ArrayList<>();

  private final Consumer<List<String>> shown;
  private boolean closed;

  private final Optional<Line> line;

  /** Nothing is made before {@link #build}; one switch for all. */
  public Topology(String prefix, Consumer<List<String>> shown) {
    this(prefix, Optional.empty(), shown);
  }

  /**
   * Nothing is made before {@link #build}.
   *
   * @param prefix of the namespaces' names ({@code demo} in the picture above)
   * @param line between node 2 and the others; whoever builds it runs its relay ({@link
   *     Line#relay})
   * @param shown hears each command that builds it
   */
  public Topology(String prefix, Optional<Line> line, Consumer<List<String>> shown) {
    this.prefix = prefix;
    this.line = line;
    this.shown = shown;
  }

  /** Builds it; {@code prefix} names its namespaces ({@code demo} in the picture above). */
  public static Topology create(String prefix) throws IOException, InterruptedException {
    Topology topology = new Topology(prefix, command -> {});
    try {
      topology.build();
      return topology;
    } catch (IOException | InterruptedException | RuntimeException e) {
      topology.close();
      throw e;
    }
  }

  /** Makes all of it; after a failure {@link #close} removes what there is. */
  public void build() throws IOException, InterruptedException {
    addNamespace(switchName());
    addBridge("br0");
    addHost(node(1), "10.77.0.1", 1, "br0");
    if (line.isPresent()) {
      addBridge("br1");
      for (List<String> command : line.get().commands("br0", "br1")) {
        buildIn(switchName(), command.toArray(String[]::new));
      }
    }
    addHost(node(2), "10.77.0.2", 2, line.isPresent() ? "br1" : "br0");
    count(node(1));
    count(node(2));
    addHost(client(), "10.77.0.100", 3, "br0");
  }

  private void addBridge(String bridge) throws IOException, InterruptedException {
    buildIn(switchName(), "ip", "link", "add", bridge, "type", "bridge", "stp_state", "0");
    buildIn(switchName(), "ip", "link", "set", bridge, "up");
  }

  /** Not while {@link #close} runs, and not after it. */
  private synchronized void addNamespace(String name) throws IOException, InterruptedException {
    if (closed) {
      throw new IOException("namespace " + name + " was not made: everything is being removed");
    }
    if (Files.exists(Path.of("/run/netns", name))) {
      throw new IOException(
          "network namespace "
              + name
              + " exists already: another demo is running, or one was left by --keep."
              + " Once it has ended: ip netns delete "
              + name);
    }
    made.add(name); // before it exists: a signal may come in between
    build("ip", "netns", "add", name);
    buildIn(name, "ip", "link", "set", "lo", "up");
  }

  private void addHost(String name, String address, int port, String bridge)
      throws IOException, InterruptedException {
    addNamespace(name);
    buildIn(
        switchName(),
        "ip",
        "link",
        "add",
        "port" + port,
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        name);
    buildIn(switchName(), "ip", "link", "set", "port" + port, "master", bridge, "up");
    buildIn(name, "ip", "address", "add", address + "/" + PREFIX_LENGTH, "dev", "eth0");
    buildIn(name, "ip", "link", "set", "eth0", "up");
    if (line.isPresent() && line.get().congestionControl().isPresent()) {
      String subnet = SUBNET + "/" + PREFIX_LENGTH;
      String algorithm = line.get().congestionControl().get();
      buildIn(
          name, "ip", "route", "replace", subnet, "dev", "eth0", "src", address, "congctl",
          algorithm);
    }
  }

  /** The namespace of host {@code n}, 1 or 2. */
  public String node(int n) {
    return prefix + "-node-" + n;
  }

  public String nodeAddress(int n) {
    return "10.77.0." + n;
  }

  public String client() {
    return prefix + "-client";
  }

  /** The namespace of the bridges, in which a line's relay runs. */
  public String switchName() {
    return prefix + "-switch";
  }

  private void build(String... command) throws IOException, InterruptedException {
    shown.accept(List.of(command));
    Shell.run(command);
  }

  private void buildIn(String name, String... command) throws IOException, InterruptedException {
    List<String> all = enter(name);
    all.addAll(List.of(command));
    build(all.toArray(String[]::new));
  }

  /** Runs a command inside namespace {@code name} and returns what it printed. */
  public String in(String name, String... command) throws IOException, InterruptedException {
    List<String> all = enter(name);
    all.addAll(List.of(command));
    return Shell.run(Duration.ofSeconds(30), all);
  }

  /**
   * The words before a command that make it run in namespace {@code name}; mounts stay the
   * machine's.
   */
  public List<String> enter(String name) {
    return new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name));
  }

  /**
   * Bytes that ended or began at host {@code n} itself since it was made, both ways, counted by its
   * kernel: migrations and registry traffic, but not what clients and the VM say to each other,
   * which is only forwarded.
   */
  public long hostBytes(int n) throws IOException, InterruptedException {
    String rules = in(node(n), "nft", "list", "table", "inet", COUNTERS);
    Matcher matcher = BYTES.matcher(rules);
    long total = 0;
    while (matcher.find()) {
      total += Long.parseLong(matcher.group(1));
    }
    return total;
  }

  private void count(String name) throws IOException, InterruptedException {
    buildIn(name, "nft", "add", "table", "inet", COUNTERS);
    for (String hook : List.of("input", "output")) {
      String device = hook.equals("input") ? "iifname" : "oifname";
      buildIn(
          name,
          "nft",
          "add chain inet "
              + COUNTERS
              + " "
              + hook
              + " { type filter hook "
              + hook
              + " priority 0 ; }");
      buildIn(
          name, "nft", "add rule inet " + COUNTERS + " " + hook + " " + device + " eth0 counter");
    }
  }

  /** Removes every namespace this object made. The first failure is thrown after all were tried. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    Optional<IOException> failure = Optional.empty();
    for (String name : made.reversed()) {
      if (!Files.exists(Path.of("/run/netns", name))) {
        continue;
      }
      try {
        Shell.run("ip", "netns", "delete", name);
      } catch (IOException e) {
        failure.ifPresent(e::addSuppressed);
        failure = failure.or(() -> Optional.of(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    made.clear();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  /** The names of all namespaces of the topology of {@code prefix}. */
  public static List<String> namespaces(String prefix) {
    return List.of(prefix + "-node-1", prefix + "-node-2", prefix + "-client", prefix + "-switch");
  }
}
