package dev.architekt.migration.core;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;

/** What a destination makes of an event: the answer to a step, pages, the time, news of a link. */
final class DestinationEvents {
  private final DestinationSide side;
  private final DestinationEnding ending;
  private final DestinationLinks links;
  private final DestinationMessages messages;

  DestinationEvents(
      DestinationSide side,
      DestinationEnding ending,
      DestinationLinks links,
      DestinationMessages messages) {
    this.side = side;
    this.ending = ending;
    this.links = links;
    this.messages = messages;
  }

  void take(Event event) {
    switch (event) {
      case Event.LinkUp e -> links.up(e.link());
      case Event.LinkDown e -> links.down(e.link());
      case Event.Received e -> messages.received(e.link(), e.lane(), e.message());
      case Event.Tick _ -> tick();
      case Event.Cancel e -> ending.cancel(e.text());
      case Event.Done e -> done(e.step());
      case Event.Failed e -> failed(e.step(), e.reason(), e.text());
      case Event.Resumed e -> resumed(e.agoNanos());
      case Event.Persisted _ -> done(Step.PERSIST);
      case Event.Prepared e -> {
        side.lineage = e.lineage();
        done(Step.PREPARE);
      }
      case Event.PagesStored e -> pagesStored(e);
      case Event.Wanted e -> wanted(e);
      case Event.Tracking _,
          Event.Dirty _,
          Event.Stopped _,
          Event.MachineGone _,
          Event.StateSaved _,
          Event.TapDrained _,
          Event.Sent _ ->
          throw new IllegalArgumentException("not an event of a destination: " + event);
    }
  }

  private void tick() {
    ending.giveUp();
    side.closing.retryFailed();
    side.address.tryAgain();
    if (side.phase.acceptedOrLater() || side.phase == DestinationPhase.PREPARING) {
      side.steps.retryFailed();
    }
  }

  // --- steps that were done ---------------------------------------------------------------------

  private void done(Step step) {
    if (!side.steps.finish(step, true)) {
      boolean _ = side.closing.finish(step, true);
    }
    if (step == Step.FORGET && side.state != null) {
      side.arrivals.missing(side.state.stale());
    }
  }

  private void resumed(long agoNanos) {
    if (!side.steps.finish(Step.RESUME, true)) {
      return;
    }
    long at = side.now - agoNanos;
    side.pause.resumed(at);
    if (side.state != null) {
      side.pause.sum(at, side.steps);
    }
  }

  // --- steps that failed ------------------------------------------------------------------------

  private void failed(Step step, Reason why, String what) {
    side.emit(new Effect.Notice(why, step + " failed: " + what));
    if (step == Step.STORE) {
      storeFailed(why, what);
    } else if (step == Step.ANNOUNCE_ADDRESS || step == Step.WITHDRAW_ADDRESS) {
      addressFailed(step, why, what);
    } else if (side.steps.taken(step)) {
      boolean hook = step == Step.AFTER_RESUME || step == Step.STEP_CLOCK;
      side.steps.finish(step, hook);
      stepFailed(step, why, what);
    } else {
      side.closing.finish(step, false);
    }
  }

  private void stepFailed(Step step, Reason why, String what) {
    if (step == Step.RESUME && why == Reason.LOAD_FAILED) {
      // The machine is gone and has certainly never run: the only way back after acceptance.
      side.steps.again(Step.RESUME);
      ending.fail(why, what);
    } else if (side.phase == DestinationPhase.PREPARING || side.phase == DestinationPhase.LOADING) {
      ending.fail(why, step + " failed: " + what);
    }
  }

  private void addressFailed(Step step, Reason why, String what) {
    side.address.failed(step);
    boolean needed = step == Step.ANNOUNCE_ADDRESS && side.address.wanted();
    if (needed && !side.phase.acceptedOrLater()) {
      ending.fail(why, what);
    }
  }

  private void storeFailed(Reason why, String what) {
    if (side.phase.acceptedOrLater()) {
      // What was not put away is asked for again on a new link.
      side.emit(new Effect.Disconnect(side.link));
    } else if (side.phase != DestinationPhase.STOPPING
        && side.phase != DestinationPhase.WINDING_UP) {
      ending.fail(why, what);
    }
  }

  // --- pages ------------------------------------------------------------------------------------

  private void pagesStored(Event.PagesStored e) {
    if (e.link() == side.link) {
      side.demands.stored(side.now, e.region(), e.firstPage(), e.pages());
      long total = side.arrivals.stored(e.lane(), e.region(), e.firstPage(), e.pages());
      side.send(new Message.Stored(e.lane(), total));
    }
  }

  private void wanted(Event.Wanted e) {
    if (!side.arrivals.inside(e.region(), e.firstPage(), e.pages())) {
      throw new IllegalArgumentException("wanted outside the region: " + e);
    }
    if (side.arrivals.wanted(e.region(), e.firstPage(), e.pages())) {
      side.demands.asked(side.now, e.region(), e.firstPage(), e.pages());
      side.demand(new Message.Demand(e.region(), e.firstPage(), e.pages()));
    }
  }
}
