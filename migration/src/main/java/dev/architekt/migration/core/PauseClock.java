package dev.architekt.migration.core;

import dev.architekt.migration.message.SourcePause;

/**
 * The source's clock from {@code stop} here to {@code cont} there, without a second clock that
 * would have to agree with it: the destination's RUNNING says how long ago it let the guest run, by
 * its own clock, and half the round trip of a PING that follows at once is how long RUNNING
 * travelled. What is left unknown is the difference between the two ways.
 */
final class PauseClock {
  private boolean stopped;
  private long stoppedAt;
  private long sentNanos;
  private long pauseNanos = UNKNOWN;
  private long runningAt;
  private boolean tripMeasured;

  /** What cannot be known: the source or the destination was started again in between. */
  static final long UNKNOWN = -1;

  /** The stop command was given {@code agoNanos} before {@code now}. */
  void stopped(long now, long agoNanos) {
    stopped = true;
    stoppedAt = now - agoNanos;
  }

  /** The state was handed to the link. */
  void sent(long now) {
    if (stopped && sentNanos == 0) {
      sentNanos = Math.max(0, now - stoppedAt);
    }
  }

  /** RUNNING has arrived; the guest had run for {@code agoNanos} when it left, or -1. */
  void running(long now, long agoNanos) {
    runningAt = now;
    tripMeasured = false;
    if (stopped && agoNanos >= 0) {
      pauseNanos = Math.max(0, now - stoppedAt - agoNanos);
    }
  }

  /** The answer to a PING sent at RUNNING has arrived; whether that is news. */
  boolean answered(long now) {
    if (pauseNanos < 0 || tripMeasured) {
      return false;
    }
    tripMeasured = true;
    pauseNanos = Math.max(0, pauseNanos - (now - runningAt) / 2);
    return true;
  }

  /** From stop to cont, or {@link #UNKNOWN}; without the answer to a PING, one way too long. */
  long pauseNanos() {
    return pauseNanos;
  }

  /** The source's share, with the steps' durations. */
  SourcePause parts(Steps steps) {
    return stopped
        ? new SourcePause(
            steps.took(Step.PAUSE),
            steps.took(Step.COLLECT),
            steps.took(Step.SAVE_STATE),
            sentNanos,
            steps.took(Step.PERSIST))
        : SourcePause.UNKNOWN;
  }
}
