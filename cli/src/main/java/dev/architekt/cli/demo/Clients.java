package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Topology;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The VM's clients: one that asks all the time and times the answers, one that writes and keeps a
 * journal, one that watches the guest's clock. Each is a process of its own in the client's
 * namespace.
 */
final class Clients {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(330);
  private static final String SEED = "1";
  private static final Pattern INODE = Pattern.compile("\\bino:([0-9]+)");

  private final Cast cast;
  private final Role gap;
  private final Role load;
  private final Role clock;
  private final Set<String> socketsBefore;
  private final long resetsBefore;
  private final boolean recorded;
  private Thread watch;

  /**
   * Starts all three and waits until they are connected.
   *
   * @param recorded whether the gap probe's windows have latency over time
   */
  Clients(Cast cast, String profile, boolean recorded) throws IOException, InterruptedException {
    this.cast = cast;
    this.recorded = recorded;
    String redis = Topology.INSTANCE + ":6379";
    resetsBefore = resets();
    gap = probe("gap probe", List.of("probe", "gap", redis));
    load = probe("load", List.of("probe", "load", profile, redis, SEED));
    clock = probe("clock probe", List.of("probe", "clock", Topology.INSTANCE + ":1341"));
    for (Role probe : all()) {
      probe.await("started", SOON);
    }
    socketsBefore = sockets();
  }

  private Role probe(String name, List<String> words) throws IOException {
    return cast.start(name, cast.topology().client(), false, words);
  }

  private List<Role> all() {
    return List.of(gap, load, clock);
  }

  /** Ends the gap probe's window, and begins another one called {@code label}. */
  JsonNode mark(String label) throws IOException, InterruptedException {
    String command =
        "{\"command\":\"mark\",\"label\":\"" + label + "\",\"series\":" + recorded + "}";
    return gap.ask(command, "window", SOON);
  }

  /** Shows what the clients see, until {@link #judge} or their end. */
  void show(LiveView view, Duration period) {
    watch =
        Thread.ofPlatform()
            .daemon()
            .name("demo-watch")
            .start(() -> {
              try {
                watch(view, period);
              } catch (IOException e) {
                return; // a probe has ended; whoever waits for it says so
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void watch(LiveView view, Duration period) throws IOException, InterruptedException {
    long answers = -1;
    long at = 0;
    while (true) {
      JsonNode now = load.ask("{\"command\":\"snapshot\"}", "snapshot", SOON);
      long then = System.nanoTime();
      if (answers >= 0) {
        double rate = (now.path("answers").asLong() - answers) * 1e9 / (then - at);
        JsonNode gaps = gap.ask("{\"command\":\"snapshot\"}", "snapshot", SOON);
        view.clients(rate, gaps.path("gapMs").asDouble());
      }
      answers = now.path("answers").asLong();
      at = then;
      Thread.sleep(period);
    }
  }

  /**
   * Waits until the guest's clock has been brought forward after the last move, or {@code limit}
   * has passed: that is done by running faster for some seconds, so that it never jumps.
   */
  void awaitClock(Duration calm, Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    Thread.sleep(calm);
    while (System.nanoTime() < end
        && !Verdict.clockIsRight(clock.ask("{\"command\":\"sums\"}", "sums", SOON))) {
      Thread.sleep(200);
    }
  }

  /** Stops the load and reads everything back. */
  Evidence judge(int hopsAsked, List<HopResult> hops) throws IOException, InterruptedException {
    watch.interrupt();
    watch.join();
    Set<String> socketsAfter = sockets();
    long resets = resets() - resetsBefore;
    JsonNode gapEnd = gap.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode loadEnd = load.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode clockEnd = clock.ask("{\"command\":\"stop\"}", "stopped", SOON);
    JsonNode verified = load.ask("{\"command\":\"verify\"}", "verified", LONG);
    return new Evidence(
        hopsAsked,
        List.copyOf(hops),
        gapEnd,
        loadEnd,
        clockEnd,
        verified,
        socketsBefore,
        socketsAfter,
        resets);
  }

  void close() {
    all().forEach(Role::close);
  }

  /** The clients' connections to the VM, {@code PORT/INODE}, as the kernel lists them. */
  private Set<String> sockets() throws IOException, InterruptedException {
    return parse(
        cast.topology()
            .in(
                cast.topology().client(),
                "ss",
                "-Htne",
                "state",
                "established",
                "dst",
                Topology.INSTANCE));
  }

  /** From the lines of {@code ss -Htne}: queues, local and remote address, then {@code ino:N}. */
  static Set<String> parse(String list) {
    Set<String> sockets = new TreeSet<>();
    for (String line : list.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      Matcher inode = INODE.matcher(line);
      if (words.length > 3 && inode.find()) {
        String port = words[2].substring(words[2].lastIndexOf(':') + 1);
        sockets.add(port + "/" + inode.group(1));
      }
    }
    return sockets;
  }

  private long resets() throws IOException, InterruptedException {
    return resets(cast.topology().in(cast.topology().client(), "cat", "/proc/net/snmp"));
  }

  /** Resets of TCP connections, received and sent, from the text of {@code /proc/net/snmp}. */
  static long resets(String snmp) throws IOException {
    List<String> tcp = snmp.lines().filter(line -> line.startsWith("Tcp:")).toList();
    if (tcp.size() != 2) {
      throw new IOException("/proc/net/snmp of the client's namespace counts nothing of TCP");
    }
    List<String> names = List.of(tcp.get(0).split(" "));
    List<String> values = List.of(tcp.get(1).split(" "));
    return Long.parseLong(values.get(names.indexOf("EstabResets")))
        + Long.parseLong(values.get(names.indexOf("OutRsts")));
  }
}
