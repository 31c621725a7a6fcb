package dev.architekt.it.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.cli.lab.Topology;
import dev.architekt.testkit.client.ConversationMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * Two hosts, a client and the switch between them, and the ordinary commands run in them, for one
 * test. Everything of it bears the lab's name, so that any number of labs can be up at once, and so
 * that what is left of one can be told from all else: {@link #run} fails a test that leaves
 * anything.
 */
final class Lab implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(60);
  static final Duration LONG = Duration.ofSeconds(180);

  /** Where the proof guest's services answer. */
  static final String REDIS = Topology.INSTANCE + ":6379";

  static final String STATUS = Topology.INSTANCE + ":1341";

  private static final Semaphore ONE = new Semaphore(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String prefix;
  private final String vmPrefix;
  private final Leftovers before;
  private final Topology topology;
  private final Path work;
  private final Map<String, Role> roles = new LinkedHashMap<>();
  private final Map<Role, List<JsonNode>> heard = new HashMap<>();
  private final List<Path> sockets = new ArrayList<>();

  /** Keeps what a role says, progress apart. */
  private record Hearing(List<JsonNode> events) implements Role.Listener {
    @Override
    public void event(Role role, JsonNode event) {
      if (!event.path("event").asText().equals("progress")) {
        events.add(event);
      }
    }

    @Override
    public void error(Role role, String line) {
      // The role keeps its own errors.
    }
  }

  /** What a test does in a lab. */
  interface Body {
    void run(Lab lab) throws Exception;
  }

  private Lab(String name) throws IOException, InterruptedException {
    if (!name.matches("[a-z0-9]{1,5}")) {
      throw new IllegalArgumentException("lab '" + name + "': expected 1 to 5 letters and digits");
    }
    this.prefix = "it-" + name;
    this.vmPrefix = "v" + name;
    this.before = Leftovers.before();
    this.topology = Topology.create(prefix);
    this.work = Files.createTempDirectory("architekt-" + prefix + "-");
  }

  /**
   * Builds a lab, runs the test in it, takes it down, and demands that nothing is left.
   *
   * @param name of 1 to 5 letters and digits; of no other lab that may be up at the same time
   */
  static void run(String name, Body body) throws Exception {
    // A test that ran out of time may still be taking its lab down.
    if (!ONE.tryAcquire(LONG.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("an earlier lab is not gone after " + LONG);
    }
    try {
      run(new Lab(name), body);
    } finally {
      ONE.release();
    }
  }

  private static void run(Lab lab, Body body) throws Exception {
    try {
      body.run(lab);
    } catch (Exception | AssertionError e) {
      System.err.println("lab " + lab.prefix + ": " + e);
      lab.describe();
      try {
        lab.close();
      } catch (IOException | AssertionError f) {
        e.addSuppressed(f);
      }
      throw e;
    }
    lab.close();
  }

  // --- roles ------------------------------------------------------------------------------------

  /** A registry of the proof package on host {@code node}, at its port 1337. */
  Role registry(int node) throws IOException, InterruptedException {
    return registry(node, ProofPackage.get());
  }

  Role registry(int node, Path ark) throws IOException, InterruptedException {
    Role registry =
        start(
            "registry",
            topology.node(node),
            Map.of(),
            "registry",
            "--package-path",
            ark.toString(),
            "--json");
    registry.await("listening", SOON);
    return registry;
  }

  /** A peer on host {@code node} with its own directory, {@link #state}. */
  Role peer(int node, String... words) throws IOException {
    return peer(node, Map.of(), words);
  }

  Role peer(int node, Map<String, String> environment, String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of("peer", "--json", "--name", "node-" + node));
    all.addAll(List.of("--cache-base-dir", state(node).toString()));
    all.addAll(List.of("--namespace-prefix", vmPrefix()));
    if (!List.of(words).contains("--on-stop")) {
      all.addAll(List.of("--on-stop", "stop")); // nobody wants what is left when a test ends
    }
    all.addAll(List.of(words));
    return start("peer " + node, topology.node(node), environment, all.toArray(String[]::new));
  }

  /** A new instance on host {@code node} from the registry on host 1, all of it fetched. */
  Role newInstance(int node, String... words) throws IOException, InterruptedException {
    return newInstance(node, Map.of(), words);
  }

  Role newInstance(int node, Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("--raddr", topology.nodeAddress(1) + ":1337"));
    all.addAll(List.of("--address", Topology.INSTANCE + "/24"));
    all.addAll(List.of(words));
    Role peer = peer(node, environment, all.toArray(String[]::new));
    peer.await("running", LONG);
    peer.await("listening", SOON);
    peer.await("complete", LONG);
    return peer;
  }

  /** {@code HOST:PORT} of the peer on host {@code node}. */
  String raddr(int node) {
    return topology.nodeAddress(node) + ":1338";
  }

  /** A probe in the client's place, connected. */
  Role probe(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("probe"));
    all.addAll(List.of(words));
    Role probe =
        start("probe " + words[0], topology.client(), Map.of(), all.toArray(String[]::new));
    probe.await("started", SOON);
    return probe;
  }

  /** Any role, in the namespace given; its name tells it from others in messages. */
  Role start(String name, String namespace, Map<String, String> environment, String... words)
      throws IOException {
    List<String> all = topology.enter(namespace);
    all.add("env");
    all.add(LabIdentities.environment(host(namespace)));
    environment.forEach((key, value) -> all.add(key + "=" + value));
    all.add(ProofPackage.ARCHITEKT.toString());
    all.addAll(List.of(words));
    return start(name, all);
  }

  /** A client of a service, talking: see {@link ConversationMain}. */
  Role conversation(String kind, int port) throws IOException, InterruptedException {
    List<String> all = topology.enter(topology.client());
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    all.addAll(List.of("-cp", System.getProperty("java.class.path")));
    all.addAll(List.of(ConversationMain.class.getName(), kind, Topology.INSTANCE, port + ""));
    Role client = start("client " + kind, all);
    client.await("started", SOON);
    return client;
  }

  private Role start(String name, List<String> all) throws IOException {
    List<JsonNode> events = new CopyOnWriteArrayList<>();
    Role role = Role.start(name, all, new Hearing(events));
    heard.put(role, events);
    roles.put(name + " (process " + role.pid() + ")", role);
    return role;
  }

  private int host(String namespace) {
    return namespace.equals(topology.node(1))
        ? 1
        : namespace.equals(topology.node(2)) ? 2 : LabIdentities.CLIENT;
  }

  /** All that a role has said so far, oldest first, progress apart. */
  List<JsonNode> events(Role role) {
    return List.copyOf(heard.get(role));
  }

  /** Whether it has said {@code event} already. */
  boolean said(Role role, String event) {
    return events(role).stream().anyMatch(e -> e.path("event").asText().equals(event));
  }

  // --- what can be seen -------------------------------------------------------------------------

  Topology topology() {
    return topology;
  }

  Path work() {
    return work;
  }

  /** What the names of the VMs' own namespaces begin with. */
  String vmPrefix() {
    return vmPrefix;
  }

  /** The directory of the peer on host {@code node}. */
  Path state(int node) {
    Path directory = work.resolve("node-" + node);
    watch(directory);
    return directory;
  }

  /** Nothing of the VM that runs out of {@code directory} may be left in the end. */
  void watch(Path directory) {
    Path folder = socketsOf(directory);
    if (!sockets.contains(folder)) {
      sockets.add(folder);
    }
  }

  private static Path socketsOf(Path directory) {
    CRC32C crc = new CRC32C();
    crc.update(directory.toString().getBytes(StandardCharsets.UTF_8));
    return Path.of("/run/architekt", HexFormat.of().toHexDigits((int) crc.getValue()));
  }

  /** The hypervisor's process on host {@code node}; empty when none is alive there. */
  Optional<Long> machine(int node) throws IOException {
    try {
      String pid = Files.readString(socketsOf(state(node)).resolve("qemu.pid")).strip();
      return Optional.of(pid)
          .filter(p -> !p.isEmpty())
          .map(Long::valueOf)
          .filter(Processes::isAlive);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether the guest on host {@code node} runs, judged from outside: its checker never rests for
   * long, so that a process that uses no processor time for half a second holds a paused one.
   */
  boolean runs(int node) throws IOException, InterruptedException {
    Optional<Long> machine = machine(node);
    if (machine.isEmpty()) {
      return false;
    }
    long begin = Processes.ticks(machine.get());
    TimeUnit.MILLISECONDS.sleep(500);
    return Processes.ticks(machine.get()) - begin >= 3;
  }

  /** What {@code architekt status} prints about host {@code node}. */
  JsonNode status(int node) throws IOException {
    try {
      return JSON.readTree(Files.readAllBytes(state(node).resolve("status.json")));
    } catch (NoSuchFileException e) {
      return MissingNode.getInstance();
    }
  }

  /** What the guest's checker says to the client; waits for the guest up to the limit. */
  JsonNode checker(Duration limit) throws IOException, InterruptedException {
    return ask(Topology.INSTANCE, 7001, "?", limit);
  }

  /** The line of JSON with which a guest answers the client's; waits for it up to the limit. */
  JsonNode ask(String address, int port, String line, Duration limit)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    List<String> ask = topology.enter(topology.client());
    String script =
        "exec 3<>/dev/tcp/" + address + "/" + port + "; echo '" + line + "' >&3; head -n 1 <&3";
    ask.addAll(List.of("timeout", "5", "bash", "-c", script));
    while (true) {
      Shell.Result answer = Shell.attempt(Duration.ofSeconds(10), ask);
      if (answer.status() == 0 && answer.output().startsWith("{")) {
        return JSON.readTree(answer.output());
      }
      if (System.nanoTime() > end) {
        throw new IOException(
            address + ":" + port + " did not answer within " + limit + ": " + answer.output());
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** What of VMs is left on the machine now, roles and the hosts themselves apart. */
  List<String> leftByMachines() throws IOException, InterruptedException {
    List<String> left = before.after(vmPrefix(), work, sockets);
    left.removeIf(
        text -> roles.values().stream().anyMatch(r -> text.startsWith("process " + r.pid() + " ")));
    return left;
  }

  /**
   * Limits what leaves and reaches host {@code node}, as a line of that rate would.
   *
   * @param rate as tc has it: {@code 100mbit}
   */
  void slow(int node, String rate) throws IOException, InterruptedException {
    String[] shape = {"root", "tbf", "rate", rate, "burst", "64kb", "latency", "50ms"};
    List<String> here = new ArrayList<>(List.of("tc", "qdisc", "replace", "dev", "eth0"));
    here.addAll(List.of(shape));
    topology.in(topology.node(node), here.toArray(String[]::new));
    List<String> there = new ArrayList<>(List.of("tc", "qdisc", "replace", "dev", "port" + node));
    there.addAll(List.of(shape));
    topology.in(prefix + "-switch", there.toArray(String[]::new));
  }

  /** Ends what {@link #slow} began. */
  void fast(int node) throws IOException, InterruptedException {
    topology.in(topology.node(node), "tc", "qdisc", "del", "dev", "eth0", "root");
    topology.in(prefix + "-switch", "tc", "qdisc", "del", "dev", "port" + node, "root");
  }

  // --- the end ----------------------------------------------------------------------------------

  /** Prints what every role has said, for whoever must find out why a test failed. */
  void describe() {
    StringBuilder text = new StringBuilder("--- lab " + prefix + "\n");
    roles.forEach((name, role) -> {
      text.append(name).append(role.isAlive() ? ", alive\n" : ", ended\n");
      events(role).forEach(event -> text.append("    ").append(event).append('\n'));
      role.errorText().lines().forEach(line -> text.append("    ! ").append(line).append('\n'));
    });
    System.err.println(text);
  }

  /**
   * Ends every role by SIGTERM, newest first, and judges what is left; then removes it, so that one
   * failing test does not make others fail.
   *
   * @throws AssertionError naming what a role has left behind
   */
  @Override
  public void close() throws IOException, InterruptedException {
    for (Role role : new ArrayList<>(roles.values()).reversed()) {
      Processes.signal("CONT", role.pid());
      role.close();
    }
    List<String> left = before.after(vmPrefix(), work, sockets);
    try {
      removeByForce(!left.isEmpty());
    } finally {
      topology.close();
      deleteWork();
    }
    left.addAll(before.after(prefix, work, List.of()));
    if (!left.isEmpty()) {
      throw new AssertionError("left behind by lab " + prefix + ": " + left);
    }
  }

  private void removeByForce(boolean anyLeft) throws IOException, InterruptedException {
    for (long pid : Processes.mentioning(work.toString())) {
      Processes.signal("KILL", pid);
    }
    for (int node = 1; node <= 2; node++) {
      Optional<Long> machine = machine(node);
      if (machine.isPresent()) {
        Processes.signal("KILL", machine.get());
      }
      if (anyLeft && Files.exists(state(node))) {
        // Nothing to go on with: the product's own way of removing what a killed peer left.
        Role sweeper = peer(node);
        sweeper.awaitEnd(SOON);
      }
    }
  }

  private void deleteWork() throws IOException {
    try (var files = Files.walk(work)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
