package dev.architekt.probe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A probe as a process, told what to do by one JSON object a line on standard input; answers each
 * with one on standard output. The end of its input ends it.
 *
 * <pre>
 *   gap HOST:PORT [redis|status]    {"command":"mark","label":"hop 1"}   the window that ends with this, in full
 *                                   …,"series":true                      the same, and latency over time
 *   load L1|L2 HOST:PORT SEED       {"command":"snapshot"}               the window so far
 *   clock HOST:PORT                 {"command":"sums"}                   the sums so far
 *                                   {"command":"stop"}                   the last window and the sums
 *                                   {"command":"save","file":"…"}        load, after stop: the journal
 *                                   {"command":"verify","redisCli":"…","address":"HOST:PORT"}   load, after stop
 * </pre>
 *
 * The first line it prints is {@code {"event":"started"}}, once it is connected. What goes wrong is
 * an object with {@code "event":"failed"} and a reason. Status 0 when the input ended or after
 * {@code stop} and the end of input, 1 when it could not start, 2 for wrong arguments.
 */
public final class Probe {
  private static final long VERIFY_LIMIT_SECONDS = 300;

  private final Workload workload;
  private final InetSocketAddress address;
  private final PrintStream out;
  private boolean stopped;

  private Probe(Workload workload, InetSocketAddress address, PrintStream out) {
    this.workload = workload;
    this.address = address;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    System.exit(
        run(
            arguments,
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
            System.out));
  }

  static int run(String[] arguments, BufferedReader in, PrintStream out)
      throws InterruptedException {
    Probe probe;
    try {
      probe = parse(arguments, out);
    } catch (IllegalArgumentException e) {
      System.err.println("probe: " + e.getMessage());
      return 2;
    }
    try {
      probe.workload.start();
      probe.say("started", Map.of());
      probe.listen(in);
      return 0;
    } catch (IOException e) {
      probe.fail(e);
      return 1;
    }
  }

  private static Probe parse(String[] arguments, PrintStream out) {
    String usage =
        "expected: gap HOST:PORT [redis|status] | load L1|L2 HOST:PORT SEED | clock HOST:PORT";
    if (arguments.length < 2) {
      throw new IllegalArgumentException(usage);
    }
    switch (arguments[0]) {
      case "gap" -> {
        var address = Link.address(arguments[1]);
        boolean status = arguments.length > 2 && arguments[2].equals("status");
        var question = status ? GapProbe.Question.STATUS : GapProbe.Question.REDIS;
        return new Probe(new GapProbe(address, question), address, out);
      }
      case "load" -> {
        if (arguments.length != 4) {
          throw new IllegalArgumentException(usage);
        }
        var address = Link.address(arguments[2]);
        var load =
            new RedisLoad(address, LoadProfile.named(arguments[1]), Long.parseLong(arguments[3]));
        return new Probe(load, address, out);
      }
      case "clock" -> {
        var address = Link.address(arguments[1]);
        return new Probe(new ClockProbe(address), address, out);
      }
      default -> throw new IllegalArgumentException("no probe '" + arguments[0] + "'; " + usage);
    }
  }

  private void listen(BufferedReader in) throws IOException, InterruptedException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isBlank()) {
        continue;
      }
      try {
        obey(Json.readFlat(line));
      } catch (IllegalArgumentException | IllegalStateException | IOException e) {
        fail(e);
      }
    }
    if (!stopped) {
      workload.stop();
    }
  }

  private void obey(Map<String, String> command) throws IOException, InterruptedException {
    String name = command.getOrDefault("command", "");
    switch (name) {
      case "mark" -> {
        String label = command.get("label");
        if (label == null) {
          throw new IllegalArgumentException("'mark' needs a label for the window that begins");
        }
        WindowReport window = workload.mark(label);
        boolean series = Boolean.parseBoolean(command.get("series"));
        say("window", series ? window.toJsonWithSeries() : window.toJson());
      }
      case "snapshot" -> say("snapshot", workload.peek().toJson());
      case "sums" -> say("sums", workload.details());
      case "stop" -> {
        if (!stopped) {
          WindowReport last = workload.mark("stopped");
          workload.stop();
          stopped = true;
          var json = new LinkedHashMap<String, Object>();
          json.put("window", last.toJson());
          json.putAll(workload.details());
          say("stopped", json);
        } else {
          throw new IllegalStateException("stopped already");
        }
      }
      case "save" -> {
        journal().save(Path.of(command.getOrDefault("file", "journal.txt")));
        say("saved", Map.of());
      }
      case "verify" -> {
        InetSocketAddress target =
            command.containsKey("address") ? Link.address(command.get("address")) : address;
        var verifier =
            new JournalVerifier(
                command.getOrDefault("redisCli", "redis-cli"), target, VERIFY_LIMIT_SECONDS);
        say("verified", verifier.verify(journal()).toJson());
      }
      default ->
          throw new IllegalArgumentException(
              "no command '" + name + "': there are mark, snapshot, sums, stop, save and verify");
    }
  }

  private Journal journal() {
    if (!(workload instanceof RedisLoad load) || !stopped) {
      throw new IllegalStateException("only a load that was stopped has a journal to read");
    }
    return load.journal();
  }

  private void say(String event, Map<String, Object> content) {
    var json = new LinkedHashMap<String, Object>();
    json.put("event", event);
    json.putAll(content);
    out.println(Json.write(json));
    out.flush();
  }

  private void fail(Exception e) {
    say("failed", Map.of("reason", e.getMessage() == null ? e.toString() : e.getMessage()));
  }
}
