package dev.architekt.migration.core;

import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.region.PageBitmap;
import java.util.List;

/** What a source makes of an event: the answer to a step, the time, a wish, news of a link. */
final class SourceEvents {
  private final SourceSide side;
  private final SourcePhases phases;
  private final SourceEnding ending;
  private final SourceLinks links;
  private final SourceMessages messages;

  SourceEvents(
      SourceSide side,
      SourcePhases phases,
      SourceEnding ending,
      SourceLinks links,
      SourceMessages messages) {
    this.side = side;
    this.phases = phases;
    this.ending = ending;
    this.links = links;
    this.messages = messages;
  }

  void take(Event event) {
    switch (event) {
      case Event.LinkUp e -> links.up(e.link(), e.bulkLanes());
      case Event.LinkDown e -> links.down(e.link());
      case Event.Received e -> messages.received(e.link(), e.message());
      case Event.Tick _ -> tick();
      case Event.Cancel e -> cancel(e.text());
      case Event.Done e -> done(e.step());
      case Event.Failed e -> failed(e.step(), e.reason(), e.text());
      case Event.MachineGone _ -> ending.machineGone();
      case Event.Stopped e -> stopped(e.agoNanos());
      case Event.Persisted _ -> done(Step.PERSIST);
      case Event.Tracking e -> tracking(e.changed());
      case Event.Dirty e -> dirty(e.dirty());
      case Event.StateSaved e -> stateSaved(e);
      case Event.TapDrained e -> tapDrained(e.frames());
      case Event.Sent e -> sent(e);
      case Event.Prepared _, Event.PagesStored _, Event.Wanted _, Event.Resumed _ ->
          throw new IllegalArgumentException("not an event of a source: " + event);
    }
  }

  private void tick() {
    side.undo.retryFailed();
    side.after.retryFailed();
    if (side.phase == SourcePhase.GRANTED) {
      side.forward.retryFailed();
    }
    SourceSession s = side.session;
    if (s == null) {
      return;
    }
    boolean waiting = side.phase == SourcePhase.COPYING && !s.linked();
    if (waiting && side.now - s.linkLostAt > side.config.sessionTimeoutNanos()) {
      ending.endSession(Reason.LINK_LOST, "the destination did not come back", false);
    } else if (side.phase == SourcePhase.SWITCHING
        && !side.forward.begun(Step.PAUSE)
        && side.now - s.switchStartedAt > side.config.switchTimeoutNanos()) {
      ending.endSession(
          Reason.NETWORK,
          s.announced
              ? "the guest could not be made ready for its pause in time"
              : "the destination did not announce the address in time",
          true);
    } else if (side.phase == SourcePhase.GRANTED
        && !s.linked()
        && !side.rules.on(DECLINE_ONLY_RECEIVED)
        && side.now - s.linkLostAt > side.config.switchTimeoutNanos()) {
      ending.revoke();
    }
  }

  private void cancel(String text) {
    if (side.beforeGrant()) {
      ending.endSession(Reason.CANCELLED, text, true);
    } else if (side.phase != SourcePhase.RUNNING && side.phase != SourcePhase.ROLLING_BACK) {
      long epoch = side.authority.epoch();
      side.emit(
          new Effect.Notice(
              Reason.ALREADY_GRANTED,
              "not cancelled: epoch " + epoch + " is granted to the destination"));
    }
  }

  // --- steps that failed ------------------------------------------------------------------------

  private void failed(Step step, Reason reason, String text) {
    side.emit(new Effect.Notice(reason, step + " failed: " + text));
    if (step == Step.SEND) {
      sendFailed(reason, text);
    } else if (step == Step.DRAIN_TAP) {
      // Frames that stay behind cost a retransmission, not the move.
      side.forward.finish(step, true);
    } else if (side.forward.finish(step, false)) {
      forwardFailed(step, reason, text);
    } else if (side.undo.taken(step)) {
      // A hook that fails must not keep the instance from being whole again.
      side.undo.finish(step, step == Step.AFTER_RESUME || step == Step.STEP_CLOCK);
    } else {
      side.after.finish(step, false);
    }
  }

  private void forwardFailed(Step step, Reason reason, String text) {
    // Pages that a failed collection took may be in no list any more: the session cannot go on.
    boolean pagesLost =
        step == Step.COLLECT
            && side.phase == SourcePhase.ROLLING_BACK
            && side.session != null
            && !ending.wanted();
    if (side.phase == SourcePhase.COPYING || side.phase == SourcePhase.SWITCHING || pagesLost) {
      ending.endSession(reason, step + " failed: " + text, true);
    }
  }

  private void sendFailed(Reason reason, String text) {
    if (side.beforeGrant()) {
      ending.endSession(reason, text, true);
    } else if (side.session != null && side.session.linked()) {
      side.emit(new Effect.Disconnect(side.session.link));
    }
  }

  // --- steps that were done ---------------------------------------------------------------------

  private void done(Step step) {
    boolean _ =
        side.forward.finish(step, true)
            || side.undo.finish(step, true)
            || side.after.finish(step, true);
  }

  private void tracking(List<PageBitmap> changed) {
    SourceSession s = side.session;
    if (side.forward.finish(Step.TRACK, true) && s != null) {
      s.ledger.start(changed);
      long total = side.config.regions().stream().mapToLong(r -> r.pages()).sum();
      s.elidedPages = total - s.ledger.pending();
      s.collectedAt = side.now;
      s.measureBandwidth(side.now);
    }
  }

  private void dirty(List<PageBitmap> dirty) {
    SourceSession s = side.session;
    if (!side.forward.finish(Step.COLLECT, true) || s == null) {
      return;
    }
    if (side.forward.begun(Step.PAUSE)) {
      s.ledger.dirtiedLast(dirty);
      return;
    }
    s.ledger.dirtied(dirty);
    if (!side.rules.on(RESEND_DIRTIED_DURING_TRANSFER)) {
      s.inFlight.forEach(s.ledger::taken);
    }
    if (side.phase != SourcePhase.COPYING) {
      return; // the last ones before the pause
    }
    side.forward.again(Step.COLLECT);
    s.measureDirt(side.now, Bitmaps.count(dirty));
    s.measureBandwidth(side.now);
    s.rounds++;
    long left = s.left();
    if (s.linked()) {
      s.decision
          .decide(
              s.rounds, left, s.leftBefore, s.dirtyPagesPerSecond, s.bytesPerSecond, s.measured())
          .ifPresent(phases::beginSwitch);
    }
    s.leftBefore = left;
    side.send(s.link, new Message.Figures(s.account(side.forward)));
  }

  private void stopped(long agoNanos) {
    if (side.forward.finish(Step.PAUSE, true) && side.session != null) {
      side.session.pause.stopped(side.now, agoNanos);
    }
  }

  private void stateSaved(Event.StateSaved e) {
    if (side.forward.finish(Step.SAVE_STATE, true) && side.session != null) {
      side.session.device = e.device();
      side.session.stoppedAtUnixNanos = e.stoppedAtUnixNanos();
    }
  }

  private void tapDrained(List<byte[]> frames) {
    side.forward.finish(Step.DRAIN_TAP, true);
    SourceSession s = side.session;
    if (s == null || frames.isEmpty()) {
      return;
    }
    if (s.frames.size() + frames.size() <= Bounds.FRAMES_MAX) {
      s.frames.addAll(frames);
    }
    boolean granted = side.phase == SourcePhase.GRANTED || side.phase == SourcePhase.SERVING;
    if (s.linked() && (s.stateSent || granted)) {
      side.send(s.link, new Message.Frames(frames));
    }
  }

  private void sent(Event.Sent e) {
    SourceSession s = side.session;
    if (s != null) {
      s.dataPages += e.dataPages();
      s.zeroPages += e.zeroPages();
      s.wireBytes += e.wireBytes();
    }
  }
}
