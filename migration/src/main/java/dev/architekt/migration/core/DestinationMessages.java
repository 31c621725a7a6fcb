package dev.architekt.migration.core;

import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;

/** What a destination makes of a source's messages. */
final class DestinationMessages {
  private final DestinationSide side;
  private final DestinationLinks links;
  private final DestinationEnding ending;

  DestinationMessages(DestinationSide side, DestinationLinks links, DestinationEnding ending) {
    this.side = side;
    this.links = links;
    this.ending = ending;
  }

  void received(int link, int lane, Message message) {
    if (link != side.link) {
      return; // of a link that is gone
    }
    switch (message) {
      case Message.Description m -> links.described(m);
      case Message.Continue m -> links.goOn(m);
      case Message.Pages m -> {
        side.milestones.page(m.round(), side.now);
        pages(lane, m, m.region(), m.firstPage(), m.pages());
      }
      case Message.Zeroes m -> {
        side.milestones.page(m.round(), side.now);
        pages(lane, m, m.region(), m.firstPage(), m.pages());
      }
      case Message.Announce m -> announce(m.attempt());
      case Message.State m -> state(m);
      case Message.Frames m -> side.emit(new Effect.Inject(m.frames()));
      case Message.Grant m -> granted(m);
      case Message.Withdrawn m -> withdrawn(m.epoch());
      case Message.Released m -> links.released(m.epoch());
      case Message.Figures m -> figures(m.account());
      case Message.Stop m -> ending.stopped(m);
      case Message.Ping m -> side.send(new Message.Pong(m.number()));
      case Message.Pong _ -> {}
      case Message.Describe _,
          Message.Begin _,
          Message.Resume _,
          Message.Stored _,
          Message.Demand _,
          Message.Announced _,
          Message.Limit _,
          Message.Accepted _,
          Message.Declined _,
          Message.Running _,
          Message.Complete _ ->
          ending.broken("a source sent " + message.getClass().getSimpleName());
    }
  }

  private void pages(int lane, Message m, int region, long first, int count) {
    if (side.arrivals == null
        || !side.begun
        || lane < Lane.URGENT
        || !side.arrivals.inside(region, first, count)) {
      ending.broken("pages on lane " + lane + " that nobody expects: " + region + "/" + first);
      return;
    }
    if (side.phase == DestinationPhase.RESETTING) {
      // The old machine may still write; and bytes do not outlive this call.
      side.droppedPages = true;
      side.arrivals.dropped();
      return;
    }
    boolean onlyAbsent = side.fenced && side.rules.on(NO_OVERWRITE_PRESENT_AFTER_CONT);
    boolean warm = !side.fenced || !side.rules.on(NO_STORE_AFTER_CONT);
    side.emit(new Effect.Store(side.link, lane, m, onlyAbsent, warm));
  }

  private void figures(Account account) {
    side.account = account;
    if (side.phase == DestinationPhase.RECEIVING) {
      side.emit(new Effect.Told(account));
    }
  }

  private void announce(int attempt) {
    side.attempt = attempt;
    if (side.phase == DestinationPhase.RECEIVING) {
      side.milestones.announce(side.now);
      side.address.want(attempt);
    }
  }

  private void state(Message.State m) {
    if (side.phase != DestinationPhase.RECEIVING || m.attempt() < side.attempt) {
      // Of a destination that stops: it waits for the grant, to decline it. Or of a switch-over
      // that
      // was undone, whose state comes on another lane than what was said since.
      return;
    }
    if (!side.arrivals.inside(m.stale())) {
      ending.broken("stale pages outside the regions");
      return;
    }
    side.state = m;
    side.pause.state(side.now);
    side.milestones.state(side.now);
    side.fenced = false;
    side.phase = DestinationPhase.LOADING;
  }

  private void granted(Message.Grant m) {
    if (m.epoch() <= side.authority.epoch() && side.rules.on(EPOCH_CHECK)) {
      if (m.epoch() == side.authority.epoch()) {
        side.said.accepted &= !(side.authority instanceof Authority.Accepted);
        side.said.declined &= !(side.authority instanceof Authority.Declined);
      }
      return;
    }
    if (!m.session().equals(side.config.session())) {
      ending.broken("granted to session " + m.session());
      return;
    }
    if (side.phase.acceptedOrLater()) {
      return;
    }
    side.grant = m;
    side.pause.granted(side.now);
    boolean loaded = side.phase == DestinationPhase.LOADING && side.state.attempt() == m.attempt();
    if (!loaded
        && side.phase != DestinationPhase.STOPPING
        && side.phase != DestinationPhase.DECLINED
        && side.phase != DestinationPhase.DECLINING) {
      ending.fail(Reason.LOAD_FAILED, "granted without the state of switch-over " + m.attempt());
    }
  }

  private void withdrawn(long epoch) {
    if (side.phase == DestinationPhase.DECLINED && side.authority.epoch() == epoch) {
      side.phase = DestinationPhase.WINDING_UP;
    }
  }
}
