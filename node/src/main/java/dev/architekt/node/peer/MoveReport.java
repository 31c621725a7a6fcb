package dev.architekt.node.peer;

import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.DestinationPause;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Outcome;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.SourcePause;
import dev.architekt.node.Output;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What one move came to, for people and as an event. */
final class MoveReport {
  /**
   * When what was reached, in nanoseconds after the move began; negative if it is not known.
   *
   * @param began of {@link System#nanoTime}, which is this host's CLOCK_MONOTONIC
   * @param prepared everything that the VM needs here was there, its hypervisor's process too
   * @param running the guest ran here
   * @param whole the last chunk was here, and durable
   */
  record Milestones(long began, long prepared, long running, long whole) {}

  private final DestinationCore core;
  private final Account account;
  private final Milestones milestones;

  private MoveReport(DestinationCore core, Account account, Milestones milestones) {
    this.core = core;
    this.account = account;
    this.milestones = milestones;
  }

  /** Prints it, unless the source never told its figures, since the VM stayed there. */
  static void print(
      Output output, DestinationCore core, Effect.Finished finished, Milestones milestones) {
    Optional<Account> account = core.account();
    if (account.isPresent()) {
      new MoveReport(core, account.get(), milestones).print(output, finished);
    }
  }

  private void print(Output output, Effect.Finished finished) {
    output.event(
        "report",
        finished.outcome() == Outcome.MOVED
            ? sentence() + System.lineSeparator() + pauseSentence()
            : stayedSentence(),
        "outcome",
        finished.outcome(),
        "beganMonotonicMs",
        milestones.began() / 1e6,
        "preparedMs",
        knownMillis(milestones.prepared()),
        "roundsBeganMs",
        core.milestones().rounds().stream().map(at -> millis(at - milestones.began())).toList(),
        "switchOverMs",
        sinceBegan(core.milestones().announce()),
        "stateMs",
        sinceBegan(core.milestones().state()),
        "runningMs",
        knownMillis(milestones.running()),
        "totalMs",
        millis(milestones.whole()),
        "pauseMs",
        knownMillis(account.pauseNanos()),
        "pauseParts",
        pauseParts(),
        "rounds",
        known(account.rounds()),
        "pagesSent",
        known(account.pagesSent()),
        "pagesZero",
        known(account.pagesZero()),
        "pagesElided",
        known(account.pagesElided()),
        "pagesStale",
        known(account.pagesStale()),
        "bytesSent",
        known(account.bytesSent()),
        "chunksOnDemand",
        core.demandedPages(),
        "firstAnswerMs",
        knownMillis(core.firstAnswerNanos()),
        "dirtyPagesPerSecond",
        known(account.dirtyPagesPerSecond()),
        "bytesPerSecond",
        known(account.bytesPerSecond()),
        "switchReason",
        account.switchReason());
  }

  private Double sinceBegan(OptionalLong at) {
    return at.isPresent() ? Double.valueOf(millis(at.getAsLong() - milestones.began())) : null;
  }

  private String sentence() {
    return String.format(
        Locale.ROOT,
        "moved in %s%s: paused for %s, %s, %d fetched on demand%s; switched because %s",
        Output.millis(milestones.whole()),
        milestones.prepared() < 0 || milestones.running() < 0
            ? ""
            : " (prepared after %s, running after %s)"
                .formatted(
                    Output.millis(milestones.prepared()), Output.millis(milestones.running())),
        account.pauseNanos() < 0 ? "an unknown time" : Output.millis(account.pauseNanos()),
        account.known() ? sent() : "rounds and pages unknown (the source was started again)",
        core.demandedPages(),
        core.firstAnswerNanos() < 0
            ? ""
            : " (the first in " + Output.millis(core.firstAnswerNanos()) + ")",
        account.switchReason());
  }

  /** Why it has not switched over, as far as figures say that. */
  private String stayedSentence() {
    if (!account.known() || account.pagesSent() == 0) {
      return "not moved after " + Output.millis(milestones.whole()) + ": nothing was copied";
    }
    double dirty = account.dirtyPagesPerSecond() * (double) Bounds.PAGE_BYTES;
    String rates =
        account.rounds() == 0
            ? "the first round was not finished"
            : String.format(
                Locale.ROOT,
                "the guest dirtied %.1f MB/s, the line carried %.1f MB/s%s",
                dirty / 1e6,
                account.bytesPerSecond() / 1e6,
                dirty >= account.bytesPerSecond() ? ": copying does not catch up" : "");
    return "not moved after "
        + Output.millis(milestones.whole())
        + ": "
        + sent()
        + "; "
        + rates
        + (account.switchReason().isEmpty()
            ? ""
            : "; a switch-over was begun because " + account.switchReason());
  }

  private String sent() {
    return String.format(
        Locale.ROOT,
        "%d rounds, %s sent, %d pages as zero, %d pages known already, %d pages left behind",
        account.rounds(),
        Output.bytes(account.bytesSent()),
        account.pagesZero(),
        account.pagesElided(),
        account.pagesStale());
  }

  /** In milliseconds; null is not known to the source, what this side does not know is missing. */
  private Map<String, Object> pauseParts() {
    Map<String, Object> parts = new LinkedHashMap<>();
    SourcePause there = account.pause();
    parts.put("sourceStop", knownMillis(there.stop()));
    parts.put("sourceCollect", knownMillis(there.collect()));
    parts.put("sourceSave", knownMillis(there.save()));
    parts.put("sourceStopToSent", knownMillis(there.sent()));
    parts.put("sourceGrant", knownMillis(there.grant()));
    core.pause()
        .ifPresent(here -> {
          parts.put("onTheWay", onTheWayKnown() ? Double.valueOf(millis(onTheWay(here))) : null);
          parts.put("destinationFence", millis(here.fence()));
          parts.put("destinationForget", millis(here.forget()));
          parts.put("destinationLoad", millis(here.load()));
          parts.put("destinationWaitForGrant", millis(here.grant()));
          parts.put("destinationPersist", millis(here.accept()));
          parts.put("destinationCont", millis(here.cont()));
          parts.put("destinationStateToCont", millis(here.total()));
        });
    return parts;
  }

  private String pauseSentence() {
    return "of the pause: "
        + sourceSentence(account.pause())
        + core.pause()
            .map(this::destinationSentence)
            .orElse("; the destination was started again meanwhile");
  }

  private static String sourceSentence(SourcePause there) {
    return there.equals(SourcePause.UNKNOWN)
        ? "source unknown (it was started again meanwhile)"
        : String.format(
            Locale.ROOT,
            "source %.1f ms (stop %.1f, collect %.1f beside save %.1f; grant %.1f)",
            millis(there.sent()),
            millis(there.stop()),
            millis(there.collect()),
            millis(there.save()),
            millis(there.grant()));
  }

  private String destinationSentence(DestinationPause here) {
    return String.format(
        Locale.ROOT,
        ", on the way %s, destination %.1f ms (fence %.1f, forget %.1f, load %.1f, wait for the"
            + " grant %.1f, persist %.1f, cont %.1f)",
        onTheWayKnown() ? String.format(Locale.ROOT, "%.1f ms", millis(onTheWay(here))) : "unknown",
        millis(here.total()),
        millis(here.fence()),
        millis(here.forget()),
        millis(here.load()),
        millis(here.grant()),
        millis(here.accept()),
        millis(here.cont()));
  }

  private boolean onTheWayKnown() {
    return account.pauseNanos() >= 0 && account.pause().sent() >= 0;
  }

  /** What is left of the pause: the state on the link, and waiting for a thread on either side. */
  private long onTheWay(DestinationPause here) {
    return Math.max(0, account.pauseNanos() - account.pause().sent() - here.total());
  }

  private static Long known(long value) {
    return value < 0 ? null : value;
  }

  private static Double knownMillis(long nanos) {
    return nanos < 0 ? null : Double.valueOf(millis(nanos));
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1e4) / 100.0;
  }
}
