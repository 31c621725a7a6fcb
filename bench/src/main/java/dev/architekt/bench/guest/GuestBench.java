package dev.architekt.bench.guest;

import dev.architekt.bench.Stats;
import dev.architekt.bench.lab.Bench;
import dev.architekt.bench.lab.GuestImage;
import dev.architekt.bench.lab.Nobody;
import dev.architekt.bench.lab.Peers;
import dev.architekt.bench.lab.PlainQemu;
import dev.architekt.bench.lab.Rig;
import dev.architekt.bench.lab.Services;
import dev.architekt.cli.lab.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./dev bench guest}. */
@Command(
    name = "bench guest",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "The speed of a guest that does not move: its RAM on our mount against anonymous RAM.",
      ""
    })
public final class GuestBench extends Bench {

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "15",
      description = "Pairs of runs, at least 6 (default: ${DEFAULT-VALUE}).")
  int pairs;

  @Option(
      names = "--what",
      paramLabel = "WHICH",
      split = ",",
      defaultValue = "redis,burn,large",
      description = "Of redis, burn and large (default: ${DEFAULT-VALUE}).")
  List<String> what;

  @Option(
      names = "--qemu-bin",
      paramLabel = "FILE",
      defaultValue = QEMU,
      description = "The QEMU that both run in (default: ${DEFAULT-VALUE}).")
  Path qemu;

  /** The runs of one pair, one after the other, a second. */
  record Pair(double ours, double plain) {
    double ratio() {
      return ours / plain;
    }
  }

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new GuestBench()).execute(arguments));
  }

  @Override
  protected void check() {
    if (pairs < 6) {
      throw new IllegalArgumentException("--pairs " + pairs + ": an interval needs 6 or more");
    }
    workloads();
  }

  private List<Workload> workloads() {
    return what.stream().map(name -> Workload.valueOf(name.toUpperCase(Locale.ROOT))).toList();
  }

  @Override
  protected Map<String, Object> measure() throws IOException, InterruptedException {
    Map<String, Object> all = new LinkedHashMap<>();
    for (Workload workload : workloads()) {
      List<Pair> seen = measure(workload);
      all.put(workload.name().toLowerCase(Locale.ROOT), report(workload, seen));
    }
    return all;
  }

  private List<Pair> measure(Workload workload) throws IOException, InterruptedException {
    GuestImage image = workload.image();
    List<Pair> seen = new ArrayList<>();
    try (Rig rig = rig()) {
      Role peer = Peers.fromPackage(rig, 1, image);
      PlainQemu.Settings settings = PlainQemu.Settings.beside(Peers.spec(rig, 1), rig, qemu, image);
      Peers.monitor(rig, 1, "stop");
      PlainQemu plain = rig.keep(PlainQemu.start(rig, 1, settings, false, new Nobody()));
      plain.claim().reachability().announce();
      Services.await(rig, PlainQemu.ADDRESS, workload == Workload.REDIS ? 6379 : 7002);
      Gauge plainGauge = workload.gauge(rig, PlainQemu.ADDRESS);
      plain.execute("stop", Map.of());
      Peers.monitor(rig, 1, "cont");
      Gauge ourGauge = workload.gauge(rig, Peers.ADDRESS);
      Peers.monitor(rig, 1, "stop");
      for (int pair = 0; pair < pairs; pair++) {
        double ours = 0;
        double theirs = 0;
        // Each goes first in every other pair, so that a drift of the machine cancels out.
        for (int turn = 0; turn < 2; turn++) {
          if ((pair + turn) % 2 == 0) {
            Peers.monitor(rig, 1, "cont");
            ours = run(workload, ourGauge);
            Peers.monitor(rig, 1, "stop");
            if (workload.drains) {
              Services.awaitIdle(peer.pid());
            }
          } else {
            plain.execute("cont", Map.of());
            theirs = run(workload, plainGauge);
            plain.execute("stop", Map.of());
          }
        }
        seen.add(new Pair(ours, theirs));
        System.out.printf(
            Locale.ROOT,
            "%-6s pair %2d/%d: on the mount %.0f, anonymous %.0f, ratio %.3f%n",
            workload.name().toLowerCase(Locale.ROOT),
            pair + 1,
            pairs,
            ours,
            theirs,
            ours / theirs);
      }
    }
    return seen;
  }

  private static double run(Workload workload, Gauge gauge)
      throws IOException, InterruptedException {
    Thread.sleep(workload.settleSeconds * 1000L);
    gauge.begin();
    Thread.sleep(workload.runSeconds * 1000L);
    return gauge.rate();
  }

  /** Prints it; the same for a file. */
  static Map<String, Object> report(Workload workload, List<Pair> pairs) {
    Stats ratios = Stats.of(pairs.stream().map(Pair::ratio).toList());
    Stats.Interval interval = ratios.medianInterval();
    System.out.printf(
        Locale.ROOT,
        "%n%s: on the mount %.0f, anonymous RAM %.0f (medians); ratio %.3f, 95 %% interval %.3f to"
            + " %.3f (width %.1f %%), %d pairs%n%n",
        workload.title,
        Stats.of(pairs.stream().map(Pair::ours).toList()).median(),
        Stats.of(pairs.stream().map(Pair::plain).toList()).median(),
        ratios.median(),
        interval.low(),
        interval.high(),
        interval.width() * 100,
        ratios.n());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("ratio", ratios.median());
    json.put("low", interval.low());
    json.put("high", interval.high());
    json.put("n", ratios.n());
    json.put("pairs", pairs);
    return json;
  }
}
