package dev.architekt.migration.core;

import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;

/** What goes to the destination of a session: pages within the window, the state, the grant. */
final class SourceSending {
  private final SourceSide side;
  private int laneTurn;

  SourceSending(SourceSide side) {
    this.side = side;
  }

  /** Sends what is pending, as far as the window has room. */
  void pump(long mostPages) {
    SourceSession s = side.session;
    long left = mostPages;
    while (s.linked() && left > 0 && s.ledger.pending() > 0) {
      long room = s.windowPages - s.inFlight.pages();
      if (room <= 0) {
        return;
      }
      PageLedger.Next next =
          s.ledger.next((int) Math.min(Bounds.STRIPE_PAGES, Math.min(room, left)), s.settled);
      left -= next.pages();
      int lane = Lane.ofPage(next.region(), next.firstPage(), s.bulkLanes);
      if (!side.rules.on(LANE_ORDER)) {
        lane = Lane.FIRST_BULK + laneTurn++ % s.bulkLanes;
      }
      extent(lane, next.region(), next.firstPage(), next.pages());
    }
  }

  /** Sends the pages that may still go while the guest is paused; whether they are sent. */
  boolean budget() {
    SourceSession s = side.session;
    s.settled = true;
    long before = s.ledger.pending();
    pump(s.budgetPages);
    s.budgetPages -= before - s.ledger.pending();
    return s.budgetPages <= 0 || s.ledger.pending() == 0;
  }

  /** Sends pages that a reader at the destination waits for, past all others. */
  void urgent(int region, long firstPage, int pages) {
    for (long page = firstPage, end = page + pages; page < end; ) {
      long stripeEnd = (page / Bounds.STRIPE_PAGES + 1) * Bounds.STRIPE_PAGES;
      int count = (int) (Math.min(end, stripeEnd) - page);
      side.session.ledger.taken(region, page, count);
      extent(Lane.URGENT, region, page, count);
      page += count;
    }
  }

  private void extent(int lane, int region, long firstPage, int pages) {
    SourceSession s = side.session;
    s.inFlight.sent(lane, region, firstPage, pages);
    side.emit(new Effect.SendExtent(s.link, lane, region, firstPage, pages, s.rounds, s.settled));
  }

  /** Asks the destination to announce the address; whether it has. */
  boolean announced() {
    SourceSession s = side.session;
    if (!s.announceSent) {
      s.announceSent = true;
      s.announceSentAt = side.now;
      side.send(s.link, new Message.Announce(s.attempt));
    }
    return s.announced;
  }

  void state() {
    SourceSession s = side.session;
    s.stateSent = true;
    s.stalePages = s.ledger.pending();
    s.pause.sent(side.now);
    afterThePages(
        new Message.State(
            s.attempt, s.inFlight.sent(), s.ledger.stale(), s.stoppedAtUnixNanos, s.device));
    if (!s.frames.isEmpty()) {
      side.send(s.link, new Message.Frames(s.frames));
    }
  }

  void grant() {
    SourceSession s = side.session;
    if (!s.grantSent) {
      s.grantSent = true;
      Authority.Granted grant = side.grant();
      afterThePages(new Message.Grant(grant.session(), grant.epoch(), grant.attempt()));
    }
  }

  private void afterThePages(Message message) {
    SourceSession s = side.session;
    if (s.linked()) {
      side.emit(new Effect.Send(s.link, s.stateLane(), message));
    }
  }

  void figures() {
    side.send(side.session.link, new Message.Figures(side.session.account(side.forward)));
  }
}
