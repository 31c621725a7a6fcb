package dev.architekt.migration.core;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.Reason;
import java.util.List;

/**
 * How a destination starts on a link: it asks what runs at the source, or goes on with a session.
 */
final class DestinationLinks {
  private final DestinationSide side;
  private final DestinationEnding ending;

  DestinationLinks(DestinationSide side, DestinationEnding ending) {
    this.side = side;
    this.ending = ending;
  }

  // --- links come and go ------------------------------------------------------------------------

  void up(int link) {
    side.link = link;
    side.said = new DestinationSide.Said();
    List<Long> stored = side.arrivals == null ? List.of() : side.arrivals.newLink();
    if (side.config.bytesPerSecondMost() > 0) {
      side.send(new Message.Limit(side.config.bytesPerSecondMost()));
    }
    if (side.phase == DestinationPhase.CONNECTING) {
      side.send(new Message.Describe());
    } else if (side.begun && !side.beginAgain) {
      // Until the source has answered, nothing else is said but what cannot be misunderstood.
      side.send(resume(stored));
    }
  }

  private Message.Resume resume(List<Long> stored) {
    Message.Resume.Standing standing = Message.Resume.Standing.RECEIVING;
    long epoch = -1;
    List<PageSet> missing = List.of();
    if (side.phase == DestinationPhase.DECLINED) {
      standing = Message.Resume.Standing.DECLINED;
      epoch = side.authority.epoch();
    } else if (side.phase.acceptedOrLater() && side.authority instanceof Authority.Accepted) {
      boolean all = side.phase == DestinationPhase.COMPLETING;
      standing = all ? Message.Resume.Standing.COMPLETE : Message.Resume.Standing.ACCEPTED;
      epoch = side.authority.epoch();
      missing = all ? List.of() : side.arrivals.missingSets();
    }
    boolean stateHere = side.state != null && side.phase != DestinationPhase.STOPPING;
    return new Message.Resume(
        side.config.session(),
        side.config.destination(),
        standing,
        epoch,
        stateHere ? side.state.attempt() : 0,
        side.config.windowBytes(),
        missing,
        stored);
  }

  void down(int lost) {
    if (lost != side.link) {
      return;
    }
    side.link = -1;
    side.droppedPages = false;
    if (side.phase == DestinationPhase.LOADING && !side.fenced) {
      side.state = null; // what it had to wait for will not arrive any more
      side.phase = DestinationPhase.RECEIVING;
    }
    if (!side.phase.acceptedOrLater() && side.grant == null) {
      // The source may have taken it back; a grant announces it again.
      side.address.letGoUnsaid();
    }
  }

  // --- what the source answers ------------------------------------------------------------------

  void described(Message.Description m) {
    if (side.phase != DestinationPhase.CONNECTING) {
      return;
    }
    boolean letGo =
        switch (side.authority) {
          case Authority.None _, Authority.Declined _, Authority.Released _ -> true;
          case Authority.Running _, Authority.Accepted _, Authority.Granted _ -> false;
        };
    if (!letGo || m.epoch() < side.authority.epoch()) {
      ending.fail(
          Reason.NOT_AUTHORIZED,
          "the source offers epoch " + m.epoch() + ", here " + side.authority + " is known");
      return;
    }
    side.description = m;
    side.arrivals = new Arrivals(m.regions());
    side.phase = DestinationPhase.PREPARING;
  }

  void goOn(Message.Continue m) {
    if (!m.session().equals(side.config.session())) {
      ending.broken("continues session " + m.session());
      return;
    }
    switch (m.standing()) {
      case COPYING -> {
        if (side.phase == DestinationPhase.RECEIVING || side.phase == DestinationPhase.LOADING) {
          side.switchOverUndone();
        }
      }
      case GRANTED -> side.arrivals.demands().forEach(side::demand);
      case SERVING -> {
        side.said.accepted = true; // the source knows; it has answered to just that
        side.arrivals.demands().forEach(side::demand);
      }
      case RELEASED -> released(m.epoch());
    }
    ending.cancelAgain();
  }

  void released(long epoch) {
    if (side.phase == DestinationPhase.COMPLETING && side.authority.epoch() == epoch) {
      side.phase = DestinationPhase.SETTLING;
    }
  }
}
