package dev.architekt.node.peer;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.message.Reason;
import dev.architekt.node.Output;
import java.io.IOException;

/**
 * The destination's wish to end a move, from the signal to the source's answer. Only the source
 * knows whether it has granted the VM already. Thread-safe.
 */
final class Cancelling {
  /** How long the source may take to answer before a person is told that it does not. */
  private static final long SLOW_NANOS = 2_000_000_000L;

  /** How long this process stays for an answer. */
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private final Output output;
  private final String source;
  private Signals.Kind kind;
  private long beganAt;
  private boolean answered;
  private boolean late;
  private boolean slowSaid;

  Cancelling(Output output, String source) {
    this.output = output;
    this.source = source;
  }

  /** A signal came; false when one had come before. */
  synchronized boolean begin(Signals.Kind newKind) {
    if (kind != null) {
      return false;
    }
    kind = newKind;
    beganAt = System.nanoTime();
    output.event(
        "cancelling",
        kind.said()
            + ": cancelling the move; "
            + source
            + " keeps the VM unless it has granted it");
    return true;
  }

  synchronized boolean begun() {
    return kind != null;
  }

  /** Whether the VM had been granted to this host. */
  synchronized boolean tooLate() {
    return late;
  }

  synchronized boolean stopsAfterwards() {
    return late && kind != Signals.Kind.INT;
  }

  /** Takes what the core says; whether it was an answer, and has been told. */
  synchronized boolean answered(Effect.Notice notice) {
    if (notice.reason() == Reason.CANCELLED) {
      answered = true;
      cancelled();
      return true;
    }
    if (notice.reason() == Reason.ALREADY_GRANTED && kind != null) {
      answered = true;
      late = true;
      notCancelled();
      return true;
    }
    return false;
  }

  private void cancelled() {
    if (kind == null) {
      output.event("cancelled", "cancelled: " + source + " goes on running the VM");
      return;
    }
    double millis = Math.round((System.nanoTime() - beganAt) / 1e4) / 100.0;
    output.event(
        "cancelled",
        "cancelled after "
            + millis
            + " ms: "
            + source
            + " goes on running the VM; removing what was prepared here",
        "afterMs",
        millis);
  }

  private void notCancelled() {
    output.event(
        "not-cancelled",
        "too late to cancel: the VM was granted to this host, so that it may not run at "
            + source
            + " any more. The move goes on to its end; "
            + (stopsAfterwards()
                ? "then the VM is stopped, as " + kind.said() + " asks"
                : "the VM runs on here. Ctrl-C again stops it; a peer at the other host takes it"
                    + " back"));
  }

  /**
   * To be called now and then.
   *
   * @throws IOException the source has not answered for long, and nobody here can know whether it
   *     has granted the VM
   */
  synchronized void requireAnswer() throws IOException {
    if (kind == null || late) {
      return;
    }
    long waited = System.nanoTime() - beganAt;
    if (answered) {
      if (waited > PATIENCE_NANOS) {
        throw new IOException(
            "what was prepared here is not removed within 30 s; the next start of a peer on this"
                + " directory removes it");
      }
      return;
    }
    if (waited > PATIENCE_NANOS) {
      throw new IOException(
          source
              + " has not answered for 30 s, so that it is unknown whether it has granted the VM to"
              + " this host. Start a peer on this directory again when it can be reached: that"
              + " settles it");
    }
    if (waited > SLOW_NANOS && !slowSaid) {
      slowSaid = true;
      output.event(
          "cancel-waits",
          source + " does not answer; waiting up to 30 s to hear whether it keeps the VM");
    }
  }
}
