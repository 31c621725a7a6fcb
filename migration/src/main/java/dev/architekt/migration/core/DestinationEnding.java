package dev.architekt.migration.core;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import java.util.Locale;

/**
 * How a destination comes not to go on: it cannot, somebody here or at the source does not want it
 * to, or the source breaks the protocol.
 */
final class DestinationEnding {
  private final DestinationSide side;
  private boolean cancelWanted;
  private boolean gaveUp;
  private long beganAt = -1;
  private Reason reason = Reason.CANCELLED;
  private String text = "";

  DestinationEnding(DestinationSide side) {
    this.side = side;
  }

  Reason reason() {
    return reason;
  }

  String text() {
    return text;
  }

  void because(Reason why, String what) {
    reason = why;
    text = what;
  }

  /** This side cannot go on. If the grant is here, or comes, it is declined. */
  void fail(Reason why, String what) {
    because(why, what);
    side.address.letGo();
    side.phase = DestinationPhase.STOPPING;
  }

  /** Nothing is granted and nothing will be: what was made here is given back. */
  private void windUp(Reason why, String what) {
    because(why, what);
    side.phase = DestinationPhase.WINDING_UP;
  }

  // --- cancelled here ---------------------------------------------------------------------------

  void cancel(String why) {
    switch (side.phase) {
      case CONNECTING -> {
        side.send(new Message.Stop(Reason.CANCELLED, why));
        cancelled();
        windUp(Reason.CANCELLED, why);
      }
      case PREPARING -> {
        cancelled();
        fail(Reason.CANCELLED, why);
      }
      case RECEIVING, RESETTING, LOADING -> {
        if (!side.begun) {
          cancelled();
          fail(Reason.CANCELLED, why);
        } else {
          cancelWanted = true;
          text = why;
          side.send(new Message.Stop(Reason.CANCELLED, why));
        }
      }
      case ACCEPTING, RESUMING, FETCHING, COMPLETING, SETTLING, HOME, LOST ->
          side.emit(
              new Effect.Notice(
                  Reason.ALREADY_GRANTED, "not cancelled: the instance is granted to this host"));
      case STOPPING, DECLINING, DECLINED, WINDING_UP, ENDED -> {}
    }
  }

  /** Certain from here on: nothing was granted to this host, and nothing will be. */
  private void cancelled() {
    side.emit(
        new Effect.Notice(
            Reason.CANCELLED, "cancelled: the instance goes on running at the source"));
  }

  /** Cancels a move that should have switched over by now; once, whatever the source says to it. */
  void giveUp() {
    if (beganAt < 0) {
      beganAt = side.now;
    }
    long limit = side.config.giveUpNanos();
    boolean late = limit > 0 && side.now - beganAt >= limit;
    boolean before =
        switch (side.phase) {
          case CONNECTING, PREPARING, RECEIVING -> true;
          // It is about to be granted, ends already, or the switch-over is being undone.
          case LOADING, RESETTING, ACCEPTING, RESUMING, FETCHING, COMPLETING, SETTLING, HOME ->
              false;
          case STOPPING, DECLINING, DECLINED, WINDING_UP, ENDED, LOST -> false;
        };
    if (late && before && !gaveUp) {
      gaveUp = true;
      cancel(String.format(Locale.ROOT, "gave up: no switch-over within %.1f s", limit / 1e9));
    }
  }

  /** The source goes on with the session: if it was to end, the source hears that again. */
  void cancelAgain() {
    if (cancelWanted && !side.phase.acceptedOrLater()) {
      side.send(new Message.Stop(Reason.CANCELLED, text));
    }
  }

  // --- stopped by the source --------------------------------------------------------------------

  void stopped(Message.Stop m) {
    switch (side.phase) {
      case CONNECTING, PREPARING, STOPPING -> {
        if (m.reason() == Reason.ALREADY_GRANTED) {
          return; // the grant is on its way, and will be declined
        }
        if (side.phase != DestinationPhase.STOPPING) {
          because(m.reason(), m.text());
        }
        side.phase = DestinationPhase.WINDING_UP;
      }
      case RECEIVING, RESETTING, LOADING -> {
        if (m.reason() == Reason.ALREADY_GRANTED) {
          cancelWanted = false;
          side.emit(new Effect.Notice(m.reason(), "not cancelled: " + m.text()));
        } else if (m.reason() == Reason.UNKNOWN_SESSION && side.lineage != null && !cancelWanted) {
          side.beginAgain = true; // the source was started again, or never heard of the session
          side.switchOverUndone();
        } else if (cancelWanted) {
          cancelled();
          windUp(Reason.CANCELLED, text);
        } else {
          windUp(m.reason(), m.text());
        }
      }
      case ACCEPTING,
          RESUMING,
          FETCHING,
          COMPLETING,
          SETTLING,
          HOME,
          DECLINING,
          DECLINED,
          WINDING_UP,
          ENDED,
          LOST ->
          side.emit(new Effect.Notice(m.reason(), "the source says: " + m.text()));
    }
  }

  void broken(String what) {
    side.emit(new Effect.Notice(Reason.PROTOCOL, what));
    side.emit(new Effect.Disconnect(side.link));
    if (!side.phase.acceptedOrLater()
        && side.phase != DestinationPhase.DECLINED
        && side.phase != DestinationPhase.DECLINING
        && side.phase != DestinationPhase.WINDING_UP
        && side.phase != DestinationPhase.ENDED) {
      fail(Reason.PROTOCOL, what);
    }
  }
}
