package dev.architekt.bench.migrate;

import dev.architekt.bench.lab.Bench;
import dev.architekt.bench.lab.GuestImage;
import dev.architekt.bench.lab.LineOptions;
import dev.architekt.bench.lab.PlainQemu;
import dev.architekt.bench.lab.Rig;
import dev.architekt.bench.lab.Services;
import dev.architekt.cli.lab.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./dev bench migrate}. */
@Command(
    name = "bench migrate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Moves the same VM by our engine and by QEMU's own migration, in turns, under the same load.",
      ""
    })
public final class MigrateBench extends Bench {
  private static final int MEMORY_MIB = 256;
  private static final int HEAT_LOAD_SECONDS = 5;
  private static final int EMPTY_EVERY = 5;
  private static final double SECONDS_A_HOP = 16;

  @Option(
      names = "--hops",
      paramLabel = "N",
      defaultValue = "20",
      description = "Hops of each engine (default: ${DEFAULT-VALUE}).")
  int hops;

  @Option(
      names = "--load",
      paramLabel = "L1|L2",
      defaultValue = "L1",
      description = "L1 gentle, L2 saturating (default: ${DEFAULT-VALUE}).")
  String load;

  @Option(
      names = "--against",
      paramLabel = "ENGINES",
      split = ",",
      defaultValue = "qemu-precopy,qemu-postcopy",
      description = "Which of QEMU's, or none (default: ${DEFAULT-VALUE}).")
  List<String> against;

  @Mixin LineOptions far = new LineOptions();

  @Option(names = "--chart", paramLabel = "FILE", description = "Draw the gaps into a PNG.")
  Optional<Path> chart = Optional.empty();

  @Option(
      names = "--load-seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "Load before each hop (default: ${DEFAULT-VALUE}).")
  int loadSeconds;

  @Option(
      names = "--baseline-qemu",
      paramLabel = "FILE",
      required = true,
      description = "The QEMU, 10 or newer, whose migration is measured (./dev finds one).")
  Path baseline;

  private final List<Hop> tournament = new ArrayList<>();
  private final Map<String, Variant> best = new LinkedHashMap<>();
  private final Map<String, List<Hop>> results = new LinkedHashMap<>();
  private Optional<Line> line = Optional.empty();
  private Trial trial;
  private int done;
  private int planned;
  private long began;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new MigrateBench()).execute(arguments));
  }

  @Override
  protected void check() {
    if (hops < 1 || !load.matches("L[12]") || loadSeconds < 2) {
      throw new IllegalArgumentException(
          "--hops is at least 1, --load L1 or L2, --load-seconds at least 2");
    }
    against = against.stream().filter(name -> !name.equals("none")).toList();
    against.forEach(Variant::of);
    line = far.line();
  }

  @Override
  protected Map<String, Object> measure() throws IOException, InterruptedException {
    GuestImage image = GuestImage.redis(MEMORY_MIB);
    planned =
        hops * (1 + against.size())
            + against.stream().mapToInt(name -> Tournament.hops(name)).sum();
    say("%d hops, about %.0f minutes", planned, planned * SECONDS_A_HOP / 60 + 1);
    try (Rig rig = Rig.create("bench", line)) {
      trial = new Trial(rig, load, loadSeconds * 1000L);
      ArchitektEngine ours = rig.keep(ArchitektEngine.start(rig, image, EMPTY_EVERY));
      PlainQemu.Settings settings =
          PlainQemu.Settings.beside(ours.spec(), rig, baseline.toAbsolutePath(), image);
      ours.freeze();
      QemuEngine qemu = null;
      if (!against.isEmpty()) {
        qemu = rig.keep(QemuEngine.start(rig, settings));
        Services.await(rig, qemu.address(), 6379);
        qemu.freeze();
      }
      began = System.nanoTime();
      for (String family : against) {
        best.put(family, choose(rig, qemu, family));
      }
      for (int hop = 1; hop <= hops; hop++) {
        boolean last = hop == hops;
        hop(ours, "", last);
        for (String family : against) {
          qemu.use(best.get(family));
          hop(qemu, best.get(family).name(), last);
        }
      }
    }
    Report report =
        new Report(
            new Figures(results),
            best,
            tournament,
            load + line.map(shaped -> " over " + shaped.shape()).orElse(""));
    report.print(System.out);
    return report.toJson();
  }

  @Override
  protected void finish() throws IOException {
    if (chart.isPresent()) {
      GapChart.write(results, load, chart.get());
    }
  }

  /** With a shorter load than the hops that count. */
  private Variant choose(Rig rig, QemuEngine qemu, String family)
      throws IOException, InterruptedException {
    Trial heat = new Trial(rig, load, Math.min(loadSeconds, HEAT_LOAD_SECONDS) * 1000L);
    Tournament matches = new Tournament();
    Variant winner =
        matches.choose(
            family,
            variant -> {
              qemu.use(variant);
              try {
                Hop hop = progress(heat.run(qemu, variant.name(), false));
                tournament.add(hop);
                return hop.gapMs();
              } catch (QemuEngine.Endless e) {
                done++;
                qemu.freeze();
                say("  %s, %s: %s", family, variant.name(), e.getMessage());
                return Double.POSITIVE_INFINITY;
              }
            });
    matches
        .gaps()
        .forEach((variant, gaps) ->
            say(
                "  %s, %s: median gap %.1f ms of %d hops%s",
                family,
                variant.name(),
                matches.median(variant),
                gaps.size(),
                variant.equals(winner) ? " (taken)" : ""));
    return winner;
  }

  private void hop(Engine engine, String variant, boolean verify)
      throws IOException, InterruptedException {
    Hop hop = progress(trial.run(engine, variant, verify));
    results.computeIfAbsent(engine.name(), name -> new ArrayList<>()).add(hop);
  }

  private Hop progress(Hop hop) {
    done++;
    double leftMinutes = (System.nanoTime() - began) / 60e9 / done * (planned - done);
    say(
        "%3d/%d  %-14s gap %6.1f  (idle %5.1f)  pause %5.1f  total %5.0f  %6.1f MB%s  resent %d  %.0f"
            + " writes/s; %s; %.0f min left",
        done,
        planned,
        hop.engine(),
        hop.gapMs(),
        hop.idleGapMs(),
        hop.pauseMs(),
        hop.totalMs(),
        hop.bytes() / 1e6,
        hop.toEmpty() ? " (first)" : "",
        hop.retransmits(),
        hop.writesPerSecond(),
        hop.remark(),
        leftMinutes);
    return hop;
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
