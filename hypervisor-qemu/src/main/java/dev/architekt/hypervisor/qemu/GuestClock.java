package dev.architekt.hypervisor.qemu;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The guest's clock against the host's.
 *
 * <p>An absolute time is old when it arrives: sent to a guest that is 15 ms behind and takes 20 ms
 * to get to it, it would set the clock back. So the step is relative, made inside of the guest by
 * {@code date}, which reads the clock and sets it at once. Only when the guest has no such {@code
 * date}, and is behind by far more than any delay, the absolute {@code guest-set-time} serves.
 */
final class GuestClock {
  private static final Duration TOLERANCE = Duration.ofMillis(5);
  private static final Duration ABSOLUTE_MIN = Duration.ofSeconds(10);
  private static final int SAMPLES = 4;
  private static final String DATE = "/bin/date";

  private final QemuGuestAgent agent;

  GuestClock(QemuGuestAgent agent) {
    this.agent = agent;
  }

  /**
   * @param error half the round trip: how wrong {@code behind} can be at most, either way
   */
  private record Offset(Duration behind, Duration error) {}

  Duration behind(long deadline) throws IOException {
    return measure(deadline).behind();
  }

  /** How far the clock was behind; it has been set if that was more than a few milliseconds. */
  Duration stepForward(long deadline) throws IOException {
    Offset offset = measure(deadline);
    // The step that is right even if the measurement is wrong by all that it can be.
    Duration step = offset.behind().minus(offset.error());
    if (step.compareTo(TOLERANCE) < 0) {
      return offset.behind();
    }
    if (!stepRelative(step, deadline)) {
      if (step.compareTo(ABSOLUTE_MIN) < 0) {
        throw new IOException(
            "the guest is "
                + offset.behind().toMillis()
                + " ms behind, and its "
                + DATE
                + " cannot make a relative step");
      }
      agent.call("guest-set-time", Map.of("time", nanos(Instant.now())), deadline);
    }
    return offset.behind();
  }

  private boolean stepRelative(Duration step, long deadline) throws IOException {
    String by =
        String.format(Locale.ROOT, "+%d.%09d seconds", step.toSeconds(), step.toNanosPart());
    try {
      return agent.execute(List.of(DATE, "-u", "-s", by), deadline).exitStatus() == 0;
    } catch (QemuGuestAgent.RefusedException e) {
      return false; // no such program, or guest-exec is not allowed
    }
  }

  /** Of several samples the one with the shortest round trip, as NTP does. */
  private Offset measure(long deadline) throws IOException {
    Offset best = null;
    for (int i = 0; i < SAMPLES; i++) {
      Instant before = Instant.now();
      Map<String, Object> answer = agent.call("guest-get-time", Map.of(), deadline);
      Instant after = Instant.now();
      if (!(answer.get("return") instanceof Number guest)) {
        throw new IOException("guest-get-time answered " + answer);
      }
      Duration half = Duration.between(before, after).dividedBy(2);
      Offset sample =
          new Offset(Duration.ofNanos(nanos(before.plus(half)) - guest.longValue()), half);
      if (best == null || sample.error().compareTo(best.error()) < 0) {
        best = sample;
      }
    }
    return best;
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }
}
