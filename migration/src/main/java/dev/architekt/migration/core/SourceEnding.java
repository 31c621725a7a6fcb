package dev.architekt.migration.core;

import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The ways back: a session that ends before its grant, a grant that is declined, a machine that is
 * gone; and what the destination hears of it, no sooner than it may.
 */
final class SourceEnding {
  private final SourceSide side;
  private final Map<Integer, Message.Stop> stopsHeld = new LinkedHashMap<>();

  private boolean wanted;
  private Reason reason = Reason.CANCELLED;
  private String text = "";
  private int declineLink = -1;
  private long declineEpoch = -1;

  SourceEnding(SourceSide side) {
    this.side = side;
  }

  // --- the session ends -------------------------------------------------------------------------

  /** Before the grant, or after a decline: undoes what was begun, and forgets the session. */
  void endSession(Reason why, String what, boolean tell) {
    int told = tell ? side.session.link : -1;
    side.send(told, new Message.Figures(side.session.account(side.forward)));
    side.session.linkLost(side.now);
    undoAll(why, what);
    stop(told, why, what);
  }

  /** What was begun is undone, to the end of the session. */
  void undoAll(Reason why, String what) {
    wanted = true;
    reason = why;
    text = what;
    side.phase = SourcePhase.ROLLING_BACK;
  }

  /** Whether the session ends when all is undone; else it goes on. */
  boolean wanted() {
    return wanted;
  }

  /** All is undone. */
  void ended() {
    wanted = false;
    side.session = null;
    side.phase = SourcePhase.RUNNING;
    side.emit(new Effect.Finished(Outcome.STAYED, reason, text));
  }

  /** The other side broke the protocol: before the grant the session ends, afterwards the link. */
  void broken(int link, String what) {
    side.emit(new Effect.Notice(Reason.PROTOCOL, what));
    boolean ours = side.session != null && side.session.link == link;
    if (ours && !side.granting() && side.phase != SourcePhase.SERVING) {
      endSession(Reason.PROTOCOL, what, true);
    } else if (!side.granting()) {
      stop(link, Reason.PROTOCOL, what);
    }
    side.emit(new Effect.Disconnect(link));
  }

  // --- the destination is sent away -------------------------------------------------------------

  /**
   * Tells a destination that there is nothing to wait for. A grant whose write failed may be
   * durable: until it is overwritten, a source that is started again needs the destination to
   * accept or to decline, so that it is not sent away before.
   */
  void stop(int link, Reason why, String what) {
    Message.Stop stop = new Message.Stop(why, what);
    boolean grantPerhapsDurable = side.forward.begun(Step.PERSIST) && !side.undo.done(Step.PERSIST);
    if (side.phase == SourcePhase.ROLLING_BACK && grantPerhapsDurable) {
      stopsHeld.put(link, stop);
    } else {
      side.send(link, stop);
    }
  }

  /** No grant is durable any more: what was held back is said. */
  void sayStops() {
    stopsHeld.forEach(side::send);
    stopsHeld.clear();
  }

  void linkDown(int link) {
    stopsHeld.remove(link);
  }

  // --- the grant is declined --------------------------------------------------------------------

  void declined(int link, long epoch, boolean ours) {
    boolean meant = ours && side.authority.epoch() == epoch || !side.rules.on(EPOCH_CHECK);
    if (side.phase == SourcePhase.GRANTED && meant) {
      declineLink = link;
      revoke();
    } else if (side.phase == SourcePhase.REVOKING && epoch == declineEpoch) {
      declineLink = link;
    } else if (epoch < side.authority.epoch()) {
      side.send(link, new Message.Withdrawn(epoch));
    } else {
      broken(link, "declined epoch " + epoch + ", which is not open; here: " + side.authority);
    }
  }

  void revoke() {
    declineEpoch = side.authority.epoch();
    side.phase = SourcePhase.REVOKING;
  }

  /** The epoch that was granted and is taken back. */
  long declineEpoch() {
    return declineEpoch;
  }

  /** It is durable that the instance is here again. */
  void revoked() {
    side.send(declineLink, new Message.Withdrawn(declineEpoch));
    side.authority = new Authority.Running(declineEpoch + 1);
    endSession(Reason.LOAD_FAILED, "the destination declined", false);
  }

  // --- the machine is gone ----------------------------------------------------------------------

  void machineGone() {
    side.machineGone = true;
    if (side.phase == SourcePhase.RUNNING) {
      lost();
    } else if (side.beforeGrant()) {
      endSession(Reason.HYPERVISOR, "the machine has ended", true);
    }
  }

  /** There is nothing to resume. The copies stay, and what was kept. */
  void lost() {
    boolean restorable = side.session != null && side.restorable();
    side.phase = restorable ? SourcePhase.RESTORING : SourcePhase.LOST;
    side.session = null;
    side.emit(
        new Effect.Notice(Reason.HYPERVISOR, "the machine is gone, and it runs nowhere else"));
  }
}
