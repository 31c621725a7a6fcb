package dev.architekt.probe;

import java.io.IOException;

/**
 * Counts what happens to the requests of one probe, a window at a time. All methods from any
 * thread; a lock is cheap at the few thousand answers a second of a client, and makes a window end
 * at one instant for all counters.
 */
final class Meter {
  private String label = "start";
  private long began;
  private long lastAnswer;
  private long requests;
  private long answers;
  private long errors;
  private long gap;
  private long ownDelay;
  private Histogram latency = new Histogram();
  private final LatencySeries series = new LatencySeries();
  private long gapBegan;
  private KernelCounters kernel;

  private long totalRequests;
  private long totalAnswers;
  private long totalErrors;
  private long connectionsLost;
  private String firstFailure;

  /** Begins the first window. */
  synchronized void begin() throws IOException {
    began = System.nanoTime();
    lastAnswer = began;
    gapBegan = began;
    series.begin(began);
    kernel = KernelCounters.read();
  }

  /**
   * @param due when the request should have left
   * @param now when it did
   */
  synchronized void sent(long due, long now) {
    requests++;
    totalRequests++;
    ownDelay = Math.max(ownDelay, now - due);
  }

  /** {@code due} of 0 stands for not known. */
  synchronized void answered(long due, long now) {
    answers++;
    totalAnswers++;
    if (now - lastAnswer > gap) {
      gap = now - lastAnswer;
      gapBegan = lastAnswer;
    }
    lastAnswer = Math.max(lastAnswer, now);
    if (due != 0) {
      latency.add(now - due);
      series.add(due, now - due);
    }
  }

  synchronized void error(String what) {
    errors++;
    totalErrors++;
    if (firstFailure == null) {
      firstFailure = what;
    }
  }

  synchronized void connectionLost(String why) {
    connectionsLost++;
    error(why);
  }

  /** Ends the window and begins the next, named so. */
  synchronized WindowReport mark(String next) throws IOException {
    KernelCounters now = KernelCounters.read();
    WindowReport report = report(now);
    label = next;
    began = System.nanoTime();
    requests = 0;
    answers = 0;
    errors = 0;
    gap = 0;
    gapBegan = lastAnswer;
    ownDelay = 0;
    latency = new Histogram();
    series.begin(began);
    kernel = now;
    return report;
  }

  /** The window so far. */
  synchronized WindowReport peek() throws IOException {
    return report(KernelCounters.read());
  }

  private WindowReport report(KernelCounters counters) {
    long now = System.nanoTime();
    boolean open = now - lastAnswer > gap;
    return new WindowReport(
        label,
        began,
        now - began,
        requests,
        answers,
        errors,
        open ? now - lastAnswer : gap,
        open ? lastAnswer : gapBegan,
        latency.quantile(0.5),
        latency.quantile(0.99),
        latency.max(),
        ownDelay,
        series.copy(),
        counters.minus(kernel));
  }

  synchronized Totals totals() {
    return new Totals(totalRequests, totalAnswers, totalErrors, connectionsLost, firstFailure);
  }

  /**
   * Since the beginning.
   *
   * @param firstFailure what went wrong first, or null
   */
  record Totals(
      long requests, long answers, long errors, long connectionsLost, String firstFailure) {}
}
