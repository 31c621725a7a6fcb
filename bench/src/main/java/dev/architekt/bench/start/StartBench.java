package dev.architekt.bench.start;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.bench.Stats;
import dev.architekt.bench.lab.Bench;
import dev.architekt.bench.lab.GuestImage;
import dev.architekt.bench.lab.LineOptions;
import dev.architekt.bench.lab.Nobody;
import dev.architekt.bench.lab.Peers;
import dev.architekt.bench.lab.PlainQemu;
import dev.architekt.bench.lab.Rig;
import dev.architekt.bench.lab.Services;
import dev.architekt.cli.lab.Role;
import dev.architekt.node.state.InstanceSpec;
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

/** {@code ./dev bench start}. */
@Command(
    name = "bench start",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "From `architekt peer --raddr` to the service's first answer, the package on another host's"
          + " registry; a cold boot of the same guest beside it.",
      "With --sizes: the same for packages of several sizes, from a registry and from nginx.",
      ""
    })
public final class StartBench extends Bench {
  private static final int MEMORY_MIB = 256;
  private static final int REDIS = 6379;
  private static final long SIZE_MAX_MIB = 64 << 10;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "7",
      description = "Starts of each kind (default: ${DEFAULT-VALUE}).")
  int runs;

  @Option(
      names = "--qemu-bin",
      paramLabel = "FILE",
      defaultValue = QEMU,
      description = "The QEMU that boots beside ours (default: ${DEFAULT-VALUE}).")
  Path qemu;

  @Option(
      names = "--sizes",
      paramLabel = "MIB,MIB…",
      split = ",",
      description = "Packages with one more disk of these sizes, full of random bytes.")
  List<Long> sizesMiB = List.of();

  @Option(
      names = "--record",
      description = "With --sizes: packages that say what is touched first.")
  boolean record;

  @Mixin LineOptions far = new LineOptions();

  @Option(names = "--nginx", paramLabel = "FILE", description = "The web server.")
  Path nginx;

  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StartBench()).execute(arguments));
  }

  @Override
  protected void check() {
    if (runs < 1) {
      throw new IllegalArgumentException("--runs is at least 1");
    }
    if (far.line().isPresent() && sizesMiB.isEmpty()) {
      throw new IllegalArgumentException("--link is for --sizes");
    }
    if (sizesMiB.stream().anyMatch(size -> size < 1 || size > SIZE_MAX_MIB)) {
      throw new IllegalArgumentException("--sizes are 1 to " + SIZE_MAX_MIB + " MiB each");
    }
    if (!sizesMiB.isEmpty() && nginx == null) {
      throw new IllegalArgumentException(
          "--sizes needs --nginx FILE; `./dev bench start` gives it");
    }
  }

  @Override
  protected Map<String, Object> measure() throws IOException, InterruptedException {
    if (!sizesMiB.isEmpty()) {
      return new SizeCurve(nginx, MEMORY_MIB, runs, record, far.line()).measure(sizesMiB);
    }
    GuestImage image = GuestImage.redis(MEMORY_MIB);
    try (Rig rig = rig()) {
      Peers.registry(rig, 2, image);
      for (int run = 1; run <= runs; run++) {
        InstanceSpec spec = ours(rig);
        cold(rig, image, spec);
        System.out.printf(Locale.ROOT, "run %d/%d: %s%n", run, runs, latest());
      }
    }
    System.out.println();
    Map<String, Object> all = new LinkedHashMap<>();
    figures.forEach((name, values) -> {
      Stats stats = Stats.of(values);
      System.out.printf(
          Locale.ROOT,
          "%-58s median %8.1f, worst %8.1f, %d runs%n",
          name,
          stats.median(),
          stats.p99(),
          stats.n());
      all.put(name, Map.of("p50", stats.median(), "p99", stats.p99(), "n", stats.n()));
    });
    return all;
  }

  private String latest() {
    StringBuilder text = new StringBuilder();
    figures.forEach((name, values) ->
        text.append(
            String.format(
                Locale.ROOT, "%s%s %.0f", text.isEmpty() ? "" : "; ", name, values.getLast())));
    return text.toString();
  }

  private void note(String name, double value) {
    figures.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
  }

  /** On an empty directory, so that all of it comes from the registry. */
  private InstanceSpec ours(Rig rig) throws IOException, InterruptedException {
    Rig.delete(Peers.directory(rig, 1));
    long began = System.nanoTime();
    String registry = rig.topology().nodeAddress(2) + ":1337";
    Role peer = Peers.start(rig, 1, registry, Optional.of(Peers.ADDRESS));
    long answered = Services.await(rig, Peers.ADDRESS, REDIS);
    note("architekt: first answer, ms", (answered - began) / 1e6);
    JsonNode running = peer.await("running", Peers.SOON);
    note("  of it, by the peer's own clock, ms", running.path("startMs").asDouble());
    peer.await("complete", Peers.LONG);
    note("  everything is there, ms", (System.nanoTime() - began) / 1e6);
    note("  the peer's resident memory, MiB", Services.statusKib(peer.pid(), "VmRSS") / 1024.0);
    note("  its highest so far, MiB", Services.statusKib(peer.pid(), "VmHWM") / 1024.0);
    InstanceSpec spec = Peers.spec(rig, 1);
    rig.end(peer);
    return spec;
  }

  private void cold(Rig rig, GuestImage image, InstanceSpec spec)
      throws IOException, InterruptedException {
    PlainQemu.Settings settings = PlainQemu.Settings.beside(spec, rig, qemu, image);
    long began = System.nanoTime();
    PlainQemu plain = rig.keep(PlainQemu.start(rig, 1, settings, false, new Nobody()));
    plain.claim().reachability().announce();
    note(
        "QEMU alone, cold boot: first answer, ms",
        (Services.await(rig, PlainQemu.ADDRESS, REDIS) - began) / 1e6);
    note(
        "  its guest's RAM and QEMU resident, MiB",
        Services.statusKib(plain.pid(), "VmRSS") / 1024.0);
    rig.end(plain);
  }
}
