package dev.architekt.migration.core;

import static dev.architekt.migration.core.InvariantViolation.check;
import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.Strategy;

/**
 * What a source does in each phase, one line a step. Every event runs through the lines of the
 * phase again; what is done is skipped.
 */
final class SourcePhases {
  /** A round is over when no more than this part of the window is still on the way. */
  private static final int ROUND_ENDS_AT = 64;

  private final SourceSide side;
  private final SafetyRules rules;
  private final Steps forward;
  private final Steps undo;
  private final Steps after;
  private final SourceSending sending;
  private final SourceEnding ending;

  SourcePhases(SourceSide side, SourceSending sending, SourceEnding ending) {
    this.side = side;
    this.rules = side.rules;
    this.forward = side.forward;
    this.undo = side.undo;
    this.after = side.after;
    this.sending = sending;
    this.ending = ending;
  }

  void advance() {
    SourcePhase before;
    do {
      before = side.phase;
      switch (side.phase) {
        case RUNNING, RELEASED, RESTORING, LOST -> {}
        case COPYING -> copy();
        case SWITCHING -> switchOver();
        case ROLLING_BACK -> rollBack();
        case GRANTED -> deliver();
        case SERVING -> serve();
        case REVOKING -> revoke();
        case RELEASING -> release();
      }
    } while (side.phase != before);
  }

  // --- the phases -------------------------------------------------------------------------------

  private void copy() {
    SourceSession s = side.session;
    if (!s.linked() || !forward.need(Step.TRACK, new Effect.StartTracking(s.lineage))) {
      return;
    }
    if (s.decision.strategy() == Strategy.POST_COPY) {
      s.decision
          .decide(0, s.ledger.pending(), 0, 0, s.bytesPerSecond, false)
          .ifPresent(this::beginSwitch);
      return;
    }
    sending.pump(Long.MAX_VALUE);
    if (putAway()) {
      forward.need(Step.COLLECT);
    }
  }

  /**
   * Whether the destination has put nearly all away that was sent: what is still on the way would
   * have to be waited for while the guest stands still.
   */
  private boolean putAway() {
    SourceSession s = side.session;
    return s.ledger.pending() == 0 && s.inFlight.pages() * ROUND_ENDS_AT <= s.windowPages;
  }

  private void switchOver() {
    if (!forward.begun(Step.PAUSE) && side.session.decision.strategy() != Strategy.POST_COPY) {
      sending.pump(Long.MAX_VALUE);
    }
    if (!forward.need(Step.JOURNAL, journal(JournalEntry.Intent.SWITCHING))) return;
    if (!forward.need(Step.CEDE_ADDRESS)) return;
    boolean announced = sending.announced();
    // Nearby the answer is here at once, and what is gathered late is less to send while it stands.
    if (!announced && !side.session.mayBeFar(side.now)) return;
    boolean gathered = gathered();
    if (!announced || !forward.need(Step.BEFORE_SUSPEND) || !gathered) return;
    if (!forward.need(Step.PAUSE)) return;
    boolean sent = forward.begun(Step.KEEP_STATE) || forward.begun(Step.PERSIST);
    if (!sent && !sendRest()) return;
    if (rules.on(STATE_KEPT_BEFORE_GRANT) && !forward.need(Step.KEEP_STATE, keep())) return;
    if (!rules.on(GRANT_DURABLE_BEFORE_SEND)) sending.grant();
    if (!forward.need(Step.PERSIST, new Effect.Persist(side.grant()))) return;
    side.authority = side.grant();
    side.phase = SourcePhase.GRANTED;
  }

  /**
   * What the guest has dirtied since the last round goes while its hooks run, so that less is left
   * for when it stands still; whether it has arrived, or is more than may be waited for: packets
   * are held already.
   */
  private boolean gathered() {
    SourceSession s = side.session;
    if (s.decision.strategy() == Strategy.POST_COPY) {
      return true;
    }
    if (!s.gathered && forward.need(Step.COLLECT)) {
      s.gathered = true;
      forward.again(Step.COLLECT);
      sending.pump(Long.MAX_VALUE);
    }
    return s.gathered && (forward.begun(Step.PAUSE) || putAway() || s.left() > s.budgetPages);
  }

  void rollBack() {
    // A guest that was not paused is still there for its clients: they need not wait for its hooks.
    if (forward.done(Step.CEDE_ADDRESS) && !forward.begun(Step.PAUSE)) {
      undo.need(Step.RECLAIM_ADDRESS);
    }
    if (forward.busy()) return; // what is in hand must end before it can be undone
    if (forward.begun(Step.PERSIST)
        && !undo.need(Step.PERSIST, persist(new Authority.Running(side.authority.epoch())))) return;
    ending.sayStops();
    if (side.machineGone) {
      if (side.restorable() && !undo.need(Step.JOURNAL, journal(JournalEntry.Intent.RESTORING)))
        return;
      ending.lost();
      return;
    }
    if (forward.begun(Step.PAUSE) && !resume()) return;
    if (forward.begun(Step.CEDE_ADDRESS) && !undo.need(Step.RECLAIM_ADDRESS)) return;
    if (forward.begun(Step.PAUSE) && !undo.need(Step.STEP_CLOCK)) return;
    if (forward.begun(Step.BEFORE_SUSPEND) && !undo.need(Step.AFTER_RESUME)) return;
    if (forward.begun(Step.JOURNAL)
        && !undo.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    if (after.busy()) return;
    rolledBack();
  }

  private void deliver() {
    makeDurable();
    SourceSession s = side.session;
    if (!forward.need(Step.PAUSE) || !s.linked()) return;
    // Without the state (a host that lost power before it was durable) the grant is declined.
    if (s.stateNeeded && s.device != null && !s.stateSent) sending.state();
    sending.grant();
  }

  private void serve() {
    makeDurable();
    sending.pump(Long.MAX_VALUE);
    if (!rules.on(KEEP_UNTIL_DURABLE) && side.session.ledger.pending() == 0) {
      side.phase = SourcePhase.RELEASING;
    }
  }

  private void revoke() {
    // Before the decline is answered: whoever starts again with Running must know what it may do.
    if (side.machineGone
        && side.restorable()
        && !undo.need(Step.JOURNAL, journal(JournalEntry.Intent.RESTORING))) return;
    if (!undo.need(Step.PERSIST, persist(new Authority.Running(ending.declineEpoch() + 1)))) return;
    ending.revoked();
  }

  private void release() {
    long epoch = side.authority.epoch();
    if (!after.need(Step.PERSIST, persist(new Authority.Released(epoch)))) return;
    side.authority = new Authority.Released(epoch);
    if (!after.begun(Step.RELEASE) && side.session != null) {
      side.sayReleased(side.session.link, epoch);
    }
    if (!after.need(Step.RELEASE)) return;
    if (!after.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    if (after.busy()) return;
    side.phase = SourcePhase.RELEASED;
    side.emit(
        new Effect.Finished(Outcome.MOVED, Reason.CANCELLED, "every chunk is at the destination"));
  }

  // --- parts of phases --------------------------------------------------------------------------

  void beginSwitch(SwitchReason reason) {
    SourceSession s = side.session;
    s.resetSwitch();
    s.attempt++;
    s.switchReason = reason;
    s.switchStartedAt = side.now;
    s.budgetPages = s.decision.budgetPages(s.bytesPerSecond);
    forward.again(Step.COLLECT);
    side.phase = SourcePhase.SWITCHING;
  }

  /** Flushes and saves side by side, sends what fits, then the state; whether it is sent. */
  private boolean sendRest() {
    forward.need(Step.DRAIN_TAP);
    boolean saved = forward.need(Step.SAVE_STATE);
    boolean flushed = !rules.on(FLUSH_BEFORE_STATE) || forward.need(Step.COLLECT);
    if (!flushed || !sending.budget() || !saved) {
      return false;
    }
    sending.state();
    return true;
  }

  private void makeDurable() {
    side.durable = !rules.on(FLUSH_AFTER_GRANT) || after.need(Step.FLUSH_REGIONS);
  }

  private boolean resume() {
    check(
        side.authority instanceof Authority.Running || !rules.on(DECLINE_ONLY_RECEIVED),
        "about to run the instance with " + side.authority);
    return undo.need(Step.RESUME);
  }

  private void rolledBack() {
    boolean wasTracking = forward.done(Step.TRACK);
    forward.clear();
    undo.clear();
    after.clear();
    side.durable = false;
    if (ending.wanted()) {
      ending.ended();
      return;
    }
    if (wasTracking) {
      forward.assumeDone(Step.TRACK);
    }
    side.session.resetSwitch();
    side.session.linkLostAt = side.now;
    side.session.collectedAt = side.now;
    side.phase = SourcePhase.COPYING;
  }

  private Effect.Keep keep() {
    return new Effect.Keep(side.session.kept());
  }

  private Effect.Journal journal(JournalEntry.Intent intent) {
    return new Effect.Journal(new JournalEntry(intent, side.session.id, side.session.attempt));
  }

  private static Effect.Persist persist(Authority authority) {
    return new Effect.Persist(authority);
  }
}
