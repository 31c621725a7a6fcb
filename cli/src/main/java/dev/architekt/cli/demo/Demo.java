package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.demo.record.Recording;
import dev.architekt.cli.demo.record.Summary;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Topology;
import dev.architekt.cli.text.Terminal;
import dev.architekt.node.identity.Identity;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The whole story: package a Redis VM, let clients write to it, move it between two hosts, and
 * judge from outside.
 */
public final class Demo {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(180);
  private static final Duration CALM = Duration.ofSeconds(3);
  private static final Duration CLOCK_LIMIT = Duration.ofSeconds(20);

  private final DemoOptions options;
  private final String command;
  private final LiveView view;
  private final List<HopResult> hops = new ArrayList<>();
  private final Recording recording = new Recording();
  private final Demos demos = new Demos(Demos.DIRECTORY);
  private Traces traces;
  private volatile Cast cast;
  private Role line;
  private JsonNode lineReport;
  private Role registry;
  private Role peer;
  private int at = 1;
  private Clients clients;
  private double idleGapMs;
  private Evidence seen;

  /**
   * @param command the architekt command as the person typed it
   */
  public Demo(DemoOptions options, String command, PrintStream out, Terminal terminal) {
    this.options = options;
    this.command = command;
    this.view = new LiveView(out, terminal);
  }

  /** Runs all of it up to the figures; {@link #broken} says whether promises were kept. */
  public void run() throws IOException, InterruptedException {
    new Leftovers(demos, view::say).removeAbandoned();
    Files.createDirectories(options.packages());
    traces = Traces.before(options.packages());
    cast = new Cast(demos, workFolder(), options.line(), command, view, recording);
    Path ark = prepare();
    step(
        options.line().isPresent()
            ? "two hosts and a client, node-2 behind a line: " + options.line().get().shape()
            : "two hosts, a client and the switch between them");
    cast.build();
    if (options.line().isPresent()) {
      String place = cast.topology().switchName();
      line = cast.start("line", place, true, options.line().get().relay());
      line.await("carrying", SOON);
    }
    introduce();
    startService(ark);
    step("clients: one asks and times the answers, one writes, one watches the guest's clock");
    clients = new Clients(cast, options.load(), options.recorded());
    idleGapMs = idle();
    for (int hop = 1; hop <= options.hops(); hop++) {
      hops.add(hop(hop, at, 3 - at));
      at = 3 - at;
    }
    view.at("all hops done", "waiting for the guest's clock to be brought forward");
    clients.awaitClock(CALM, CLOCK_LIMIT);
    view.idle();
    step("reading every acknowledged write back");
    seen = clients.judge(options.hops(), hops);
    say("");
    Report.table(hops).forEach(this::say);
    say("");
    Report.client(seen).forEach(this::say);
    if (line != null) {
      lineReport = line.ask("", "report", SOON);
      say("line: " + lineReport.path("text").asText());
    }
  }

  /** A name that nobody else has; the folder itself is made later. */
  private static Path workFolder() {
    String name = Demos.WORK_PREFIX + Long.toString(ProcessHandle.current().pid(), 36);
    Path folder = Path.of("/tmp", name);
    for (int i = 1; Files.exists(folder); i++) {
      folder = Path.of("/tmp", name + "-" + i);
    }
    return folder;
  }

  private void step(String what) {
    say("");
    say(view.terminal().bold("# " + what));
  }

  /** Prints a line that stays. */
  public void say(String line) {
    view.say(line);
  }

  // --- before
  // -------------------------------------------------------------------------------------

  private Path prepare() throws IOException, InterruptedException {
    Path ark = options.packages().resolve("redis-" + options.memoryMiB() + ".ark");
    if (Files.exists(ark)) {
      step("a package of Redis: that of an earlier run, " + ark + " (delete it for a new one)");
      return ark;
    }
    step("a package of Redis (kept for the next run: " + ark + ")");
    String blueprint = options.packages().resolve("blueprint").toString();
    cast.run("blueprint", "--package", "redis-server", "--output", blueprint);
    cast.run(
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

  /** As a person does it on two hosts, each with its own usual folder. */
  private void introduce() throws IOException, InterruptedException {
    step("each host has an identity, and trusts the other's: what goes between them is encrypted");
    for (int node = 1; node <= 2; node++) {
      cast.run("identity", "create", "--name", "node-" + node, "--identity-dir", identity(node));
    }
    for (int node = 1; node <= 2; node++) {
      int other = 3 - node;
      String key = Identity.open(Path.of(identity(other))).fingerprint();
      cast.run("trust", "add", "node-" + other, key, "--identity-dir", identity(node));
    }
  }

  private String identity(int node) {
    return cast.record().work().resolve("identity-" + node).toString();
  }

  private void startService(Path ark) throws IOException, InterruptedException {
    Topology net = cast.topology();
    step("a registry that serves the package, and a peer that resumes the VM from it");
    registry =
        cast.start(
            "registry",
            net.node(1),
            true,
            List.of("registry", "--package-path", ark.toString(), "--identity-dir", identity(1)));
    registry.await("listening", SOON);
    peer = peer(1, net.nodeAddress(1) + ":1337", Topology.INSTANCE + "/24");
    JsonNode running = peer.await("running", SOON);
    say(
        String.format(
            Locale.ROOT,
            "the VM runs on node-1 after %.0f ms, at %s",
            running.path("startMs").asDouble(),
            Topology.INSTANCE));
    traces.note(cast.record().name());
    view.at("package", "fetching the rest");
    peer.await("complete", LONG);
    view.idle();
    registry.close();
    say("all of the package is on node-1: the registry has ended");
  }

  private Role peer(int node, String raddr, String address) throws IOException {
    List<String> words = new ArrayList<>(List.of("peer", "--raddr", raddr, "--on-stop", "stop"));
    words.addAll(List.of("--cache-base-dir", directory(node)));
    if (address != null) {
      words.addAll(List.of("--address", address));
    }
    words.addAll(List.of("--name", "node-" + node, "--identity-dir", identity(node)));
    return cast.start("peer on node-" + node, cast.topology().node(node), true, words);
  }

  private String directory(int node) {
    return cast.record().work().resolve("node-" + node).toString();
  }

  private double idle() throws IOException, InterruptedException {
    Thread.sleep(options.around());
    clients.mark("idle");
    clients.show(view, Duration.ofMillis(view.terminal().moving() ? 500 : 1000));
    view.at("no move yet", "measuring the gap without one");
    Thread.sleep(options.idle());
    double gap = clients.mark("moves").path("gapMs").asDouble();
    say(String.format(Locale.ROOT, "the client's longest wait without a move: %.1f ms", gap));
    return gap;
  }

  // --- one hop
  // ------------------------------------------------------------------------------------

  private HopResult hop(int number, int from, int to) throws IOException, InterruptedException {
    Topology net = cast.topology();
    step("hop " + number + " of " + options.hops() + ": node-" + from + " to node-" + to);
    String place = "hop " + number + " of " + options.hops();
    view.at(place, "starting the peer on node-" + to);
    clients.mark("hop " + number);
    long before = net.hostBytes(to);
    if (options.recorded()) {
      recording.begin(number, "node-" + from, "node-" + to);
    }
    Role next = peer(to, net.nodeAddress(from) + ":1338", null);
    if (options.recorded()) {
      recording.destination(next.pid());
    }
    next.await("running", LONG);
    view.at(place, "runs on node-" + to + ", fetching the rest");
    JsonNode report = next.await("report", LONG);
    next.await("listening", SOON);
    traces.note(cast.record().name());
    int status = peer.awaitEnd(LONG);
    if (status != 0) {
      throw new IOException(peer.name() + " ended with status " + status + ": " + peer.errorText());
    }
    peer = next;
    view.at(place, "on node-" + to + ", watching the client");
    Thread.sleep(options.around());
    HopResult result =
        new HopResult(
            number,
            "node-" + from,
            "node-" + to,
            idleGapMs,
            clients.mark("after hop " + number),
            report,
            net.hostBytes(to) - before);
    if (options.recorded()) {
      recording.end(result.window(), report, idleGapMs, result.bytesOnWire());
    }
    view.clients(-1, result.clientGapMs());
    say(sentence(result));
    return result;
  }

  private static String sentence(HopResult hop) {
    return String.format(
        Locale.ROOT,
        "%s runs it: gap %.1f ms, pause %.1f ms, total %.0f ms, %.1f MB; switched because %s",
        hop.to(),
        hop.clientGapMs(),
        hop.pauseMs(),
        hop.totalMs(),
        hop.bytesOnWire() / 1e6,
        hop.switchReason());
  }

  // --- afterwards
  // ---------------------------------------------------------------------------------

  /** Each promise that was not kept, as far as the VM and its clients go. */
  public List<String> broken() {
    return Verdict.broken(seen);
  }

  /** Ends and removes everything; from any thread, more than once. */
  public void close() throws IOException {
    view.idle();
    Cast started = cast;
    if (started != null) {
      started.close();
    }
  }

  /** After {@link #close}: what of this demo is still on the machine. */
  public List<String> left() throws IOException, InterruptedException {
    return cast == null ? List.of() : traces.left(cast.record());
  }

  /** For machines: all figures, as far as the demo came. */
  public Map<String, Object> figures() {
    List<Notice> notices = cast == null ? List.of() : cast.notices();
    Map<String, Object> figures = Report.json(options, hops, seen, notices);
    options.line().ifPresent(shaped -> figures.put("link", shaped.shape().toString()));
    if (lineReport != null) {
      figures.put("line", lineReport);
    }
    return figures;
  }

  /** What was collected for a page, as far as the demo came. */
  Recording recording() {
    return recording;
  }

  /**
   * The page's beginning.
   *
   * @param words the command's arguments, as the person typed them
   * @param broken promises that were not kept, or why it ended early
   */
  Summary summary(List<String> words, List<String> broken) {
    List<String> typed = new ArrayList<>(List.of(command));
    typed.addAll(words);
    List<String> conditions = new ArrayList<>();
    conditions.add("load " + options.load());
    conditions.add(options.memoryMiB() + " MiB of RAM");
    options.line().ifPresent(shaped -> conditions.add("node-2 behind a line: " + shaped.shape()));
    int made = hops.size();
    return new Summary(
        "A Redis VM on the move: " + made + (made == 1 ? " hop" : " hops"),
        Instant.now(),
        CommandText.of(typed),
        conditions,
        seen == null ? List.of() : Report.client(seen),
        broken);
  }

  /** Leaves the hosts and the VM up; says how to reach, move and remove them. */
  public List<String> keep() throws IOException {
    clients.close();
    cast.keep();
    Topology net = cast.topology();
    int other = 3 - at;
    List<String> lines = new ArrayList<>();
    lines.add("left running (--keep), so nobody checked whether anything stays behind:");
    lines.add("  reach it:   " + in(net.client(), "redis-cli", "-h", Topology.INSTANCE));
    lines.add("  look at it: " + command + " status --cache-base-dir " + directory(at));
    lines.add(
        "  move it:    "
            + in(
                net.node(other),
                command,
                "peer",
                "--raddr",
                net.nodeAddress(at) + ":1338",
                "--cache-base-dir",
                directory(other),
                "--identity-dir",
                identity(other)));
    lines.add("  remove it:  " + command + " demo --remove");
    return lines;
  }

  private String in(String namespace, String... words) {
    List<String> all = cast.topology().enter(namespace);
    all.addAll(List.of(words));
    return CommandText.of(all);
  }

  /** Removes what was kept, and what killed demos left; how many there were. */
  public static int remove(PrintStream out) throws IOException, InterruptedException {
    return new Leftovers(new Demos(Demos.DIRECTORY), out::println).removeAllButRunning();
  }
}
