package dev.architekt.cli.demo.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a host's interface counters fifty times a second, as a process in its namespace sees them:
 * what began or ended there, both ways. What is only forwarded, between clients and the VM, passes
 * the VM's own interface as well and is taken off. A thread of its own until {@link #end}.
 */
final class WireSampler {
  /** 80 s; longer hops are sampled less often, over their whole length. */
  static final int SAMPLES_MAX = 4096;

  private static final long PERIOD_MS = 20;
  private static final String UPLINK = "eth0";
  private static final String OWN = "lo";

  private final Path process;
  private final long origin;
  private final Thread thread;
  private final List<Curve.Point> samples = new ArrayList<>();
  private final Map<String, Long> before = new HashMap<>();
  private long total;
  private long periodMs = PERIOD_MS;
  private volatile boolean ended;

  /**
   * Begins.
   *
   * @param process the folder in {@code /proc} of one that is in the host's namespace, or will
   *     enter it at once; its end ends the samples
   * @param origin of {@link System#nanoTime}
   */
  WireSampler(Path process, long origin) {
    this.process = process;
    this.origin = origin;
    this.thread = Thread.ofPlatform().daemon().name("wire-sampler").start(this::run);
  }

  private void run() {
    try {
      Path here = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
      while (!ended && Files.readSymbolicLink(process.resolve("ns/net")).equals(here)) {
        Thread.sleep(1); // a process enters its namespace after it was started
      }
      while (!ended) {
        String text = Files.readString(process.resolve("net/dev"));
        take(System.nanoTime(), text);
        Thread.sleep(periodMs);
      }
    } catch (IOException e) {
      return; // the process has ended, and its view with it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One reading of {@code /proc/PID/net/dev}. */
  private synchronized void take(long now, String text) {
    Map<String, Long> counts = parse(text);
    if (!before.isEmpty()) {
      total = Math.max(total, total + growth(before, counts));
    }
    before.clear();
    before.putAll(counts);
    samples.add(new Curve.Point((now - origin) / 1e6, total));
    if (samples.size() == SAMPLES_MAX) {
      thin();
      periodMs *= 2;
    }
  }

  private void thin() {
    List<Curve.Point> half = new ArrayList<>();
    for (int i = 1; i < samples.size(); i += 2) {
      half.add(samples.get(i));
    }
    samples.clear();
    samples.addAll(half);
  }

  /** Bytes received and sent by each interface. */
  static Map<String, Long> parse(String text) {
    Map<String, Long> counts = new HashMap<>();
    for (String line : text.lines().skip(2).toList()) {
      int colon = line.indexOf(':');
      String[] words = line.substring(colon + 1).strip().split("\\s+");
      if (colon > 0 && words.length >= 9) {
        counts.put(
            line.substring(0, colon).strip(), Long.parseLong(words[0]) + Long.parseLong(words[8]));
      }
    }
    counts.remove(OWN);
    return counts;
  }

  /** What the host itself sent and received in between: an interface may come and go meanwhile. */
  static long growth(Map<String, Long> before, Map<String, Long> after) {
    long growth = 0;
    for (Map.Entry<String, Long> now : after.entrySet()) {
      long more = now.getValue() - before.getOrDefault(now.getKey(), 0L);
      growth += now.getKey().equals(UPLINK) ? more : -Math.max(0, more);
    }
    return growth;
  }

  /** Readings that are kept so far. */
  synchronized int taken() {
    return samples.size();
  }

  /** Ends the thread; the samples, in order of time. */
  Curve end() {
    ended = true;
    thread.interrupt();
    synchronized (this) {
      return new Curve(samples);
    }
  }
}
