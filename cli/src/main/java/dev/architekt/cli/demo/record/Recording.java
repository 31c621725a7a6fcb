package dev.architekt.cli.demo.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Collects what a demo's roles say and what its hosts' kernels count, a hop at a time. Bounded
 * however long the demo is. Thread-safe: roles are heard from the threads that read them.
 */
public final class Recording {
  /** Of more hops, the first and those with the longest gaps are kept. */
  static final int HOPS_MAX = 40;

  static final int SAID_MAX = 64;
  static final int TEXT_MAX = 1000;

  /** Answers of the probes, and what is said many times a second. */
  private static final Set<String> UNHEARD =
      Set.of("progress", "window", "snapshot", "sums", "stopped", "verified", "started");

  private final List<Timeline> hops = new ArrayList<>();
  private final List<Said> said = new ArrayList<>();
  private long origin = System.nanoTime();
  private int number;
  private String from = "";
  private String to = "";
  private WireSampler wire;
  private int dropped;

  /** Hears an event of {@code role}. */
  public void event(String role, JsonNode event) {
    String name = event.path("event").asText();
    if (UNHEARD.contains(name)) {
      return;
    }
    String text = event.path("text").asText();
    if (text.length() > TEXT_MAX) {
      text = text.substring(0, TEXT_MAX) + "…";
    }
    long now = System.nanoTime();
    synchronized (this) {
      if (said.size() < SAID_MAX) {
        said.add(new Said((now - origin) / 1e6, role, name, text));
      }
    }
  }

  /** A hop begins now. */
  public synchronized void begin(int hop, String source, String destination) {
    abandon();
    number = hop;
    from = source;
    to = destination;
    origin = System.nanoTime();
    said.clear();
  }

  /** The destination's process was started, and is in its host's namespace, or enters it now. */
  public synchronized void destination(long pid) {
    wire = new WireSampler(Path.of("/proc", Long.toString(pid)), origin);
  }

  /**
   * The hop is over.
   *
   * @param window the gap probe's, with its series
   * @param report the destination's
   * @param idleGapMs the gap without a move
   */
  public synchronized void end(
      JsonNode window, JsonNode report, double idleGapMs, long bytesOnWire) {
    Curve bytes = wire == null ? new Curve(List.of()) : wire.end();
    wire = null;
    hops.add(
        Timeline.of(
            new Timeline.Material(
                number,
                from,
                to,
                origin / 1e6,
                window,
                report,
                bytes,
                said,
                idleGapMs,
                bytesOnWire)));
    if (hops.size() > HOPS_MAX) {
      hops.stream().skip(1).min(Comparator.comparingDouble(Recording::gap)).ifPresent(hops::remove);
      dropped++;
    }
  }

  private static double gap(Timeline hop) {
    return hop.gap().map(Span::length).orElse(0.0);
  }

  private void abandon() {
    if (wire != null) {
      wire.end();
      wire = null;
    }
  }

  /** Those that are kept, in order. */
  synchronized List<Timeline> hops() {
    return List.copyOf(hops);
  }

  /** How many were not kept. */
  synchronized int dropped() {
    return dropped;
  }
}
