package dev.architekt.migration.core;

import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import java.util.HashMap;
import java.util.Map;

/**
 * Who dials a source, and what for: to ask what runs here, to begin a session, to go on with one. A
 * session is on one link at a time.
 */
final class SourceLinks {
  private final SourceSide side;
  private final SourcePhases phases;
  private final SourceEnding ending;
  private final Map<Integer, Integer> bulkLanesOfLink = new HashMap<>();
  private final Map<Integer, Long> limitOfLink = new HashMap<>();

  SourceLinks(SourceSide side, SourcePhases phases, SourceEnding ending) {
    this.side = side;
    this.phases = phases;
    this.ending = ending;
  }

  // --- links come and go ------------------------------------------------------------------------

  void up(int link, int bulkLanes) {
    bulkLanesOfLink.put(link, bulkLanes);
    limit(link, Long.MAX_VALUE);
  }

  /** The other side wants no more than this; this side may have a limit of its own. */
  void limit(int link, long bytesPerSecond) {
    long own = side.config.bytesPerSecondMost();
    long limit = own > 0 ? Math.min(own, bytesPerSecond) : bytesPerSecond;
    if (limit < limitOfLink.getOrDefault(link, Long.MAX_VALUE)) {
      limitOfLink.put(link, limit);
      side.emit(new Effect.Limit(link, limit));
    }
  }

  boolean isUp(int link) {
    return bulkLanesOfLink.containsKey(link);
  }

  void down(int link) {
    bulkLanesOfLink.remove(link);
    limitOfLink.remove(link);
    ending.linkDown(link);
    if (side.session != null && side.session.link == link) {
      sessionLinkLost();
    }
  }

  private void sessionLinkLost() {
    side.session.linkLost(side.now);
    if (side.phase == SourcePhase.SWITCHING && !side.granting()) {
      side.phase = SourcePhase.ROLLING_BACK;
    }
  }

  /** The destination dialled again; if its old link still seems to live, it does not any more. */
  private void takeOver(int link, Message.Resume m) {
    if (side.session.linked()) {
      int old = side.session.link;
      sessionLinkLost();
      side.emit(new Effect.Disconnect(old));
    }
    side.session.resolve(m.stored(), side.rules.on(RESEND_UNCONFIRMED));
    side.session.linkUp(link, bulkLanesOfLink.get(link), m.windowBytes());
  }

  // --- what a new link is for -------------------------------------------------------------------

  void describe(int link) {
    if (side.authority instanceof Authority.Running && !side.machineLost()) {
      side.send(link, side.config.describe(side.authority.epoch()));
    } else {
      side.send(
          link, new Message.Stop(Reason.NOT_AUTHORIZED, "this host no longer runs the instance"));
    }
  }

  void begin(int link, Message.Begin m) {
    int regions = side.config.regions().size();
    if (m.lineage().size() != regions) {
      ending.broken(link, m.lineage().size() + " lineages for " + regions + " regions");
      return;
    }
    if (!(side.authority instanceof Authority.Running) || side.machineLost()) {
      describe(link);
      return;
    }
    if (side.phase == SourcePhase.COPYING && side.session.destination.equals(m.destination())) {
      ending.endSession(Reason.RESTARTED, "the destination began anew", false);
      phases.rollBack();
    }
    if (side.phase != SourcePhase.RUNNING) {
      side.send(
          link, new Message.Stop(Reason.BUSY, "another migration of this instance is under way"));
      return;
    }
    side.session =
        new SourceSession(
            m.session(),
            m.destination(),
            new SwitchDecision(m.strategy(), m.gapTargetNanos(), side.config.overheadNanos()),
            m.lineage(),
            new PageLedger(side.config.regions()),
            Math.min(
                side.config.bytesPerSecondAssumed(),
                limitOfLink.getOrDefault(link, Long.MAX_VALUE)));
    side.session.linkUp(link, bulkLanesOfLink.get(link), m.windowBytes());
    side.phase = SourcePhase.COPYING;
  }

  void resume(int link, Message.Resume m) {
    boolean known =
        side.session != null
            && side.session.id.equals(m.session())
            && side.session.destination.equals(m.destination());
    switch (m.standing()) {
      case DECLINED -> ending.declined(link, m.epoch(), known);
      case RECEIVING -> resumeReceiving(link, m, known);
      case ACCEPTED, COMPLETE -> resumeAccepted(link, m, known);
    }
  }

  private void resumeReceiving(int link, Message.Resume m, boolean known) {
    if (!known
        || ending.wanted()
        || side.phase == SourcePhase.SERVING
        || side.authority instanceof Authority.Released) {
      ending.stop(link, Reason.UNKNOWN_SESSION, "the source has no such session");
      return;
    }
    takeOver(link, m);
    Message.Continue.Standing standing =
        side.granting() ? Message.Continue.Standing.GRANTED : Message.Continue.Standing.COPYING;
    if (side.granting()) {
      side.session.stateNeeded = m.attempt() != side.session.attempt;
    }
    goOn(link, standing);
  }

  private void resumeAccepted(int link, Message.Resume m, boolean known) {
    if (side.authority instanceof Authority.Released && side.authority.epoch() == m.epoch()) {
      Message.Continue.Standing released = Message.Continue.Standing.RELEASED;
      side.send(link, new Message.Continue(m.session(), released, side.authority.epoch(), 0));
      return;
    }
    boolean granted =
        side.phase == SourcePhase.GRANTED
            || side.phase == SourcePhase.SERVING
            || side.phase == SourcePhase.RELEASING;
    boolean open = side.authority.epoch() == m.epoch() || !side.rules.on(EPOCH_CHECK);
    if (!known || !granted || !open) {
      side.send(
          link, new Message.Stop(Reason.NOT_AUTHORIZED, "epoch " + m.epoch() + " is not granted"));
      return;
    }
    takeOver(link, m);
    if (side.phase != SourcePhase.RELEASING) {
      side.phase = SourcePhase.SERVING;
      side.session.ledger.replace(m.missing());
    }
    goOn(link, Message.Continue.Standing.SERVING);
    if (m.standing() == Message.Resume.Standing.COMPLETE) {
      side.phase = SourcePhase.RELEASING;
    }
  }

  private void goOn(int link, Message.Continue.Standing standing) {
    SourceSession s = side.session;
    side.send(link, new Message.Continue(s.id, standing, side.authority.epoch(), s.attempt));
  }
}
