package dev.architekt.hypervisor.qemu;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The guest's clock against the host's: brought forward, never back.
 *
 * <p>An absolute time is old when it arrives: sent to a guest that is 15 ms behind and takes 20 ms
 * to get to it, it would set the clock back. So whatever is done is relative, and made inside of
 * the guest: GNU {@code date} steps by a fraction of a second; busybox can add whole seconds only,
 * and lets the clock run a tenth faster for the rest (adjtimex(2), ADJ_TICK). Only when the guest
 * has neither, and is behind by far more than any delay, the absolute {@code guest-set-time}
 * serves.
 */
final class GuestClock {
  private static final Duration TOLERANCE = Duration.ofMillis(5);
  private static final Duration ABSOLUTE_MIN = Duration.ofSeconds(10);
  private static final Duration WHOLE_SECONDS_MIN = Duration.ofSeconds(2);
  private static final int SAMPLES = 4;
  private static final String DATE = "/bin/date";

  /** The fastest that the kernel lets a clock run is 10 % more: ten seconds gain one. */
  private static final int SLEW_FACTOR = 10;

  private final QemuGuestAgent agent;

  GuestClock(QemuGuestAgent agent) {
    this.agent = agent;
  }

  /**
   * @param error half the round trip: how wrong {@code behind} can be at most, either way
   */
  private record Offset(Duration behind, Duration error) {
    /** The step that is right even if the measurement is wrong by all that it can be. */
    Duration step() {
      return behind.minus(error);
    }
  }

  Duration behind(long deadline) throws IOException {
    return measure(deadline).behind();
  }

  /**
   * How far the clock was behind. If that was more than a few milliseconds it has been stepped, or
   * runs faster now until it has caught up: ten times as long as it was behind, 20 s at most.
   */
  Duration stepForward(long deadline) throws IOException {
    Offset offset = measure(deadline);
    if (offset.step().compareTo(TOLERANCE) < 0 || stepRelative(offset.step(), deadline)) {
      return offset.behind();
    }
    Offset rest = offset;
    if (rest.step().compareTo(WHOLE_SECONDS_MIN) >= 0 && addSeconds(rest.step(), deadline)) {
      rest = measure(deadline);
    }
    if (rest.step().compareTo(WHOLE_SECONDS_MIN) < 0 && slew(rest.step(), deadline)) {
      return offset.behind();
    }
    if (rest.step().compareTo(ABSOLUTE_MIN) < 0) {
      throw new IOException(
          "the guest is "
              + rest.behind().toMillis()
              + " ms behind, and has neither GNU date nor busybox's adjtimex to bring it forward");
    }
    agent.call("guest-set-time", Map.of("time", nanos(Instant.now())), deadline);
    return offset.behind();
  }

  private boolean stepRelative(Duration step, long deadline) throws IOException {
    String by =
        String.format(Locale.ROOT, "+%d.%09d seconds", step.toSeconds(), step.toNanosPart());
    return done(List.of(DATE, "-u", "-s", by), deadline);
  }

  /** Sets the clock to the beginning of a later second: not more than {@code step} from now. */
  private boolean addSeconds(Duration step, long deadline) throws IOException {
    String script = "date -u -s @$(($(date +%s) + " + step.toSeconds() + "))";
    return done(List.of("/bin/sh", "-c", script), deadline);
  }

  /** Begins to run faster, and goes on without us. */
  private boolean slew(Duration step, long deadline) throws IOException {
    if (!done(List.of("/bin/busybox", "adjtimex", "-q"), deadline)) {
      return false;
    }
    Duration time = step.multipliedBy(SLEW_FACTOR);
    String script =
        String.format(
            Locale.ROOT,
            "busybox adjtimex -q -t 11000; sleep %d.%03d; busybox adjtimex -q -t 10000",
            time.toSeconds(),
            time.toMillisPart());
    agent.start(List.of("/bin/sh", "-c", script), deadline);
    return true;
  }

  private boolean done(List<String> command, long deadline) throws IOException {
    try {
      return agent.execute(command, deadline).exitStatus() == 0;
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
