package dev.architekt.probe;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one probe saw from one mark to the next. All times in nanoseconds.
 *
 * @param label that the window was given when it began
 * @param began of {@link System#nanoTime}
 * @param duration of the window
 * @param requests sent
 * @param answers received
 * @param errors answers that said so, and connections lost
 * @param gap longest interval without an answer; one that began before the window counts in full,
 *     one that is still open counts as far as it went
 * @param gapBegan of {@link System#nanoTime}: the answer before it
 * @param latencyMedian from when a request was due to its answer
 * @param ownDelay the latest that this process itself was in sending: a gap that is not much longer
 *     says more about the machine that measures than about the instance
 * @param series latency over time, as one chart can show it
 * @param kernel what the kernel counted meanwhile in this namespace
 */
public record WindowReport(
    String label,
    long began,
    long duration,
    long requests,
    long answers,
    long errors,
    long gap,
    long gapBegan,
    long latencyMedian,
    long latencyP99,
    long latencyMax,
    long ownDelay,
    LatencySeries.Copy series,
    KernelCounters kernel) {

  double answersPerSecond() {
    return duration == 0 ? 0 : answers * 1e9 / duration;
  }

  Map<String, Object> toJson() {
    var json = new LinkedHashMap<String, Object>();
    json.put("label", label);
    json.put("durationMs", duration / 1e6);
    json.put("requests", requests);
    json.put("answers", answers);
    json.put("answersPerSecond", answersPerSecond());
    json.put("errors", errors);
    json.put("gapMs", gap / 1e6);
    json.put("latencyP50Ms", latencyMedian / 1e6);
    json.put("latencyP99Ms", latencyP99 / 1e6);
    json.put("latencyMaxMs", latencyMax / 1e6);
    json.put("ownDelayMs", ownDelay / 1e6);
    json.put("resets", kernel.resets());
    json.put("resetsSent", kernel.resetsSent());
    json.put("retransmits", kernel.retransmits());
    json.put("timeouts", kernel.timeouts());
    return json;
  }

  /** The same with what a chart of it needs; times are milliseconds of CLOCK_MONOTONIC. */
  Map<String, Object> toJsonWithSeries() {
    var json = new LinkedHashMap<>(toJson());
    json.put("beganMonotonicMs", began / 1e6);
    json.put("gapBeganMonotonicMs", gapBegan / 1e6);
    json.put("seriesStepMs", series.step() / 1e6);
    json.put("seriesMaxMicros", series.micros());
    return json;
  }
}
