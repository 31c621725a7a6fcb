package dev.architekt.migration.core;

import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;

/** What a source makes of a destination's messages. */
final class SourceMessages {
  private static final int BRIEF_MAX = 1000;

  private final SourceSide side;
  private final SourceLinks links;
  private final SourceSending sending;
  private final SourceEnding ending;

  SourceMessages(SourceSide side, SourceLinks links, SourceSending sending, SourceEnding ending) {
    this.side = side;
    this.links = links;
    this.sending = sending;
    this.ending = ending;
  }

  void received(int link, Message message) {
    if (!links.isUp(link)) {
      return; // of a link that is gone
    }
    boolean ours = side.session != null && side.session.link == link;
    switch (message) {
      case Message.Describe _ -> links.describe(link);
      case Message.Begin m -> links.begin(link, m);
      case Message.Resume m -> links.resume(link, m);
      case Message.Limit m -> links.limit(link, m.bytesPerSecond());
      case Message.Declined m -> ending.declined(link, m.epoch(), ours);
      case Message.Ping m -> side.send(link, new Message.Pong(m.number()));
      case Message.Pong _ when ours -> {
        if (side.session.pause.answered(side.now)) {
          sending.figures();
        }
      }
      case Message.Pong _ -> {}
      case Message.Stop m -> stop(link, ours, m.text());
      case Message.Stored m when ours -> stored(m);
      case Message.Demand m when ours -> demand(m);
      case Message.Announced m when ours -> {
        if (m.attempt() == side.session.attempt && side.phase == SourcePhase.SWITCHING) {
          side.session.announced(side.now);
        }
      }
      case Message.Accepted m when ours -> accepted(m.epoch());
      case Message.Running m when ours -> running(m);
      case Message.Complete m -> complete(link, m.epoch(), ours);
      case Message.Stored _,
          Message.Demand _,
          Message.Announced _,
          Message.Accepted _,
          Message.Running _ -> {}
      case Message.Description _,
          Message.Continue _,
          Message.Pages _,
          Message.Zeroes _,
          Message.Announce _,
          Message.State _,
          Message.Frames _,
          Message.Grant _,
          Message.Withdrawn _,
          Message.Released _,
          Message.Figures _ ->
          ending.broken(link, "a destination sent " + message.getClass().getSimpleName());
    }
  }

  private void stop(int link, boolean ours, String why) {
    if (ours && side.granting()) {
      long epoch = side.grant().epoch();
      side.send(link, new Message.Stop(Reason.ALREADY_GRANTED, "epoch " + epoch));
    } else if (ours && (side.phase == SourcePhase.COPYING || side.phase == SourcePhase.SWITCHING)) {
      ending.endSession(
          Reason.CANCELLED, "the destination stopped the migration: " + brief(why), true);
    } else if (!ours) {
      ending.stop(link, Reason.UNKNOWN_SESSION, "no session is open on this link");
    }
  }

  /** What comes back in a text of ours must leave room for it. */
  private static String brief(String text) {
    return text.length() <= BRIEF_MAX ? text : text.substring(0, BRIEF_MAX);
  }

  private void stored(Message.Stored m) {
    if (side.session.inFlight.stored(m.lane(), m.pages()) < 0) {
      ending.broken(side.session.link, "more pages stored than sent, or fewer than before: " + m);
    }
  }

  private void demand(Message.Demand m) {
    if (m.region() >= side.config.regions().size()
        || m.firstPage() + m.pages() > side.config.regions().get(m.region()).pages()) {
      ending.broken(side.session.link, "demand outside the region: " + m);
      return;
    }
    boolean flushed =
        side.phase == SourcePhase.SWITCHING
            && side.forward.done(Step.COLLECT)
            && side.session.settled;
    if (!flushed && side.phase != SourcePhase.GRANTED && side.phase != SourcePhase.SERVING) {
      return; // of a switch-over that was undone meanwhile
    }
    sending.urgent(m.region(), m.firstPage(), m.pages());
  }

  private void accepted(long epoch) {
    boolean open = side.authority.epoch() == epoch || !side.rules.on(EPOCH_CHECK);
    if (side.phase == SourcePhase.GRANTED && open) {
      side.phase = SourcePhase.SERVING;
    }
  }

  private void running(Message.Running m) {
    if (side.authority.epoch() == m.epoch()) {
      side.session.pause.running(side.now, m.agoNanos());
      side.send(side.session.link, new Message.Ping(m.epoch()));
      sending.figures();
    }
  }

  private void complete(int link, long epoch, boolean ours) {
    if (side.authority instanceof Authority.Released && side.authority.epoch() == epoch) {
      side.sayReleased(link, epoch);
    } else if (ours && side.phase == SourcePhase.SERVING && side.authority.epoch() == epoch) {
      side.phase = SourcePhase.RELEASING;
    }
  }
}
