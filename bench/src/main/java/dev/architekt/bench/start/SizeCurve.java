package dev.architekt.bench.start;

import dev.architekt.bench.Stats;
import dev.architekt.bench.lab.GuestImage;
import dev.architekt.bench.lab.Nginx;
import dev.architekt.bench.lab.Peers;
import dev.architekt.bench.lab.Rig;
import dev.architekt.bench.lab.Services;
import dev.architekt.cli.lab.Line;
import dev.architekt.cli.lab.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * How long a start takes when its package is large: the same guest with one more disk, full of what
 * does not compress, of several sizes; from a registry and from a web server.
 */
final class SizeCurve {
  private static final int PIECE = 1 << 20;
  private static final int REDIS = 6379;
  private static final int WEB_PORT = 8080;
  private static final int REGISTRY_PORT = 1337;

  private final Path nginx;
  private final int memoryMiB;
  private final int runs;
  private final boolean record;
  private final Optional<Line> line;

  /**
   * @param nginx its binary
   * @param record whether the packages say what their guest touches first
   * @param line between the packages' host and the peer's
   */
  SizeCurve(Path nginx, int memoryMiB, int runs, boolean record, Optional<Line> line) {
    this.line = line;
    this.nginx = nginx;
    this.memoryMiB = memoryMiB;
    this.runs = runs;
    this.record = record;
  }

  /** Measures and prints; the figures by size and kind of server. */
  Map<String, Object> measure(List<Long> sizesMiB) throws IOException, InterruptedException {
    Map<String, Object> all = new LinkedHashMap<>();
    System.out.printf(
        "%-12s %12s %28s %28s%n",
        "more disk", "package", "first answer, registry, ms", "first answer, nginx, ms");
    for (long size : sizesMiB) {
      Path folder = Path.of(".build", "bench", "sizes").toAbsolutePath();
      Path ark = folder.resolve("start-" + size + (record ? "-traced" : "") + ".ark");
      packageOf(ark, size);
      Map<String, List<Double>> figures = starts(folder, ark);
      Stats registry = Stats.of(figures.get("registry"));
      Stats web = Stats.of(figures.get("nginx"));
      System.out.printf(
          Locale.ROOT,
          "%8d MiB %8d MiB %28s %28s%n",
          size,
          Files.size(ark) >> 20,
          text(figures.get("registry"), registry),
          text(figures.get("nginx"), web));
      all.put(
          size + " MiB",
          Map.of(
              "packageBytes",
              Files.size(ark),
              "registryMs",
              figures.get("registry"),
              "nginxMs",
              figures.get("nginx")));
    }
    return all;
  }

  private static String text(List<Double> values, Stats stats) {
    double least = values.stream().mapToDouble(v -> v).min().orElse(0);
    double most = values.stream().mapToDouble(v -> v).max().orElse(0);
    return String.format(Locale.ROOT, "%.0f (%.0f to %.0f)", stats.median(), least, most);
  }

  /** Kept from an earlier time, unless it is older than the guest it is made of. */
  private void packageOf(Path ark, long sizeMiB) throws IOException, InterruptedException {
    GuestImage image = GuestImage.redis(memoryMiB);
    if (Files.exists(ark)
        && Files.getLastModifiedTime(ark).compareTo(Files.getLastModifiedTime(image.disk())) > 0) {
      return;
    }
    Files.createDirectories(ark.getParent());
    Path data = ark.resolveSibling("data-" + sizeMiB + ".img");
    try {
      fill(data, sizeMiB);
      List<String> words = new ArrayList<>(List.of("packager", "--memory-size"));
      words.addAll(List.of(Integer.toString(memoryMiB), "--disk", "data=" + data));
      words.addAll(List.of("--kernel-input-path", image.kernel().toString()));
      words.addAll(List.of("--initramfs-input-path", image.initramfs().toString()));
      words.addAll(List.of("--disk-input-path", image.disk().toString()));
      words.addAll(List.of("--package-output-path", ark.toString()));
      if (record) {
        words.addAll(
            List.of("--record", "--liveness-command", "redis-cli -h $ARCHITEKT_ADDRESS ping"));
      }
      Rig.run(words.toArray(String[]::new));
    } finally {
      Files.deleteIfExists(data);
    }
  }

  private static void fill(Path file, long sizeMiB) throws IOException {
    SplittableRandom random = new SplittableRandom(sizeMiB);
    byte[] piece = new byte[PIECE];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long written = 0; written < sizeMiB; written++) {
        random.nextBytes(piece);
        out.write(piece);
      }
    }
  }

  private Map<String, List<Double>> starts(Path folder, Path ark)
      throws IOException, InterruptedException {
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    try (Rig rig = Rig.create("bench", line)) {
      String host = rig.topology().nodeAddress(2);
      Role registry = rig.role("registry", 2, "registry", "--package-path", ark.toString());
      registry.await("listening", Peers.SOON);
      rig.keep(Nginx.start(rig, 2, nginx, folder, WEB_PORT));
      Map<String, String> sources = new LinkedHashMap<>();
      sources.put("registry", host + ":" + REGISTRY_PORT);
      sources.put("nginx", "http://" + host + ":" + WEB_PORT + "/" + ark.getFileName());
      for (int run = 0; run < runs; run++) {
        for (Map.Entry<String, String> source : sources.entrySet()) {
          figures
              .computeIfAbsent(source.getKey(), key -> new ArrayList<>())
              .add(start(rig, source.getValue()));
        }
      }
    }
    return figures;
  }

  /** On an empty directory; ended as soon as the service has answered. */
  private static double start(Rig rig, String raddr) throws IOException, InterruptedException {
    Rig.delete(Peers.directory(rig, 1));
    long began = System.nanoTime();
    Role peer = Peers.start(rig, 1, raddr, Optional.of(Peers.ADDRESS));
    long answered = Services.await(rig, Peers.ADDRESS, REDIS);
    peer.await("running", Peers.SOON);
    rig.end(peer);
    return (answered - began) / 1e6;
  }
}
