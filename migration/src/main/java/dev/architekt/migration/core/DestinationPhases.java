package dev.architekt.migration.core;

import static dev.architekt.migration.core.InvariantViolation.check;
import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;

/**
 * What a destination does in each phase, one line a step. Every event runs through the lines of the
 * phase again; what is done is skipped.
 */
final class DestinationPhases {
  private final DestinationSide side;
  private final SafetyRules rules;
  private final Steps steps;
  private final Steps closing;
  private final DestinationAddress address;
  private final DestinationEnding ending;

  DestinationPhases(DestinationSide side, DestinationEnding ending) {
    this.side = side;
    this.rules = side.rules;
    this.steps = side.steps;
    this.closing = side.closing;
    this.address = side.address;
    this.ending = ending;
  }

  void advance() {
    DestinationPhase before;
    do {
      before = side.phase;
      address();
      switch (side.phase) {
        case CONNECTING, HOME, ENDED, LOST -> {}
        case PREPARING -> prepare();
        case RECEIVING -> receive();
        case RESETTING -> reset();
        case LOADING -> load();
        case ACCEPTING -> accept();
        case RESUMING -> resume();
        case FETCHING -> fetch();
        case COMPLETING -> complete();
        case SETTLING -> settle();
        case STOPPING -> stopHere();
        case DECLINING -> decline();
        case DECLINED -> sayDeclined();
        case WINDING_UP -> windUp();
      }
    } while (side.phase != before);
  }

  // --- the phases -------------------------------------------------------------------------------

  private void prepare() {
    if (!steps.need(Step.JOURNAL, journal(JournalEntry.Intent.RECEIVING))) return;
    if (!steps.need(Step.PREPARE, new Effect.Prepare(side.description))) return;
    side.phase = DestinationPhase.RECEIVING;
  }

  private void receive() {
    if (side.linked() && (!side.begun || side.beginAgain)) {
      side.begun = true;
      side.beginAgain = false;
      DestinationConfig config = side.config;
      side.send(
          new Message.Begin(
              config.session(),
              config.destination(),
              config.strategy(),
              config.gapTargetNanos(),
              config.windowBytes(),
              side.lineage));
    }
  }

  private void reset() {
    if (steps.taken(Step.FORGET)) return;
    if (!closing.need(Step.RESET_MACHINE)) return;
    closing.again(Step.RESET_MACHINE);
    steps.again(Step.FORGET);
    steps.again(Step.LOAD);
    side.phase = DestinationPhase.RECEIVING;
    if (side.droppedPages) {
      side.droppedPages = false;
      // What is not confirmed goes again on the next link.
      side.emit(new Effect.Disconnect(side.link));
    }
  }

  private void load() {
    if (!fenced()) return;
    if (rules.on(FORGET_STALE_BEFORE_LOAD)
        && !steps.need(Step.FORGET, new Effect.Forget(side.state.stale()))) return;
    if (!steps.need(Step.LOAD, new Effect.Load(side.state.device()))) return;
    side.pause.loaded(side.now);
    if (side.grant != null) side.phase = DestinationPhase.ACCEPTING;
  }

  private void accept() {
    Authority accepted = new Authority.Accepted(side.grant.epoch(), side.grant.session());
    boolean durable = steps.need(Step.PERSIST, new Effect.Persist(accepted));
    if (!durable && rules.on(ACCEPT_BEFORE_CONT)) return;
    side.authority = accepted;
    address.want();
    side.phase = DestinationPhase.RESUMING;
  }

  private void resume() {
    say();
    if (!address.certain()) return;
    check(steps.done(Step.PERSIST) || !rules.on(ACCEPT_BEFORE_CONT), "resume without acceptance");
    if (!steps.need(Step.RESUME)) return;
    say();
    side.phase = DestinationPhase.FETCHING;
  }

  private void fetch() {
    say();
    steps.need(Step.STEP_CLOCK);
    steps.need(Step.AFTER_RESUME);
    if (!side.arrivals.complete()) return;
    if (rules.on(FLUSH_BEFORE_COMPLETE) && !steps.need(Step.FLUSH_REGIONS)) return;
    side.phase = DestinationPhase.COMPLETING;
  }

  private void complete() {
    say();
    if (side.linked() && !side.said.complete) {
      side.said.complete = true;
      side.send(new Message.Complete(side.grant.epoch()));
    }
  }

  private void settle() {
    Authority running = new Authority.Running(side.authority.epoch());
    if (!closing.need(Step.PERSIST, new Effect.Persist(running))) return;
    side.authority = running;
    if (!closing.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    if (!address.certain()) return;
    side.phase = DestinationPhase.HOME;
    side.emit(
        new Effect.Finished(Outcome.MOVED, Reason.CANCELLED, "the instance is here, all of it"));
  }

  private void stopHere() {
    if (side.begun && side.linked() && !side.said.stop) {
      side.said.stop = true;
      side.send(new Message.Stop(ending.reason(), ending.text()));
    }
    if (side.grant != null) {
      side.phase = DestinationPhase.DECLINING;
    } else if (!side.begun) {
      side.phase = DestinationPhase.WINDING_UP;
    }
  }

  private void decline() {
    address.letGo();
    if (steps.taken(Step.PERSIST)) return; // an acceptance must not land after the decline
    Authority declined = new Authority.Declined(side.grant.epoch(), side.config.session());
    boolean durable = closing.need(Step.PERSIST, new Effect.Persist(declined));
    if (!durable && rules.on(DECLINE_DURABLE_BEFORE_SEND)) return;
    side.authority = declined;
    side.phase = DestinationPhase.DECLINED;
  }

  private void sayDeclined() {
    address.letGo();
    closing.need(Step.DISCARD);
    if (!address.quiet()) return; // the source will answer for it again
    if (side.linked() && !side.said.declined) {
      side.said.declined = true;
      side.send(new Message.Declined(side.authority.epoch(), ending.reason(), ending.text()));
    }
  }

  private void windUp() {
    address.letGo();
    if (!address.quiet() || steps.taken(Step.PREPARE) || steps.taken(Step.JOURNAL)) return;
    if (!closing.need(Step.DISCARD)) return;
    if (!closing.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    side.phase = DestinationPhase.ENDED;
    side.emit(new Effect.Finished(Outcome.STAYED, ending.reason(), ending.text()));
  }

  // --- parts of phases --------------------------------------------------------------------------

  /** Whether everything sent before the state was put away. */
  private boolean fenced() {
    boolean before = side.fenced;
    side.fenced |=
        !rules.on(FENCE_BEFORE_LOAD) || side.arrivals.storedOnLink() >= side.state.pagesBefore();
    if (side.fenced != before) {
      side.pause.fenced(side.now);
    }
    return side.fenced;
  }

  /** Brings the address to where it is wanted, and says so to a source that waits for it. */
  private void address() {
    address.bring();
    if (side.linked()) {
      address.sayAnnounced().ifPresent(attempt -> side.send(new Message.Announced(attempt)));
    }
  }

  /** What the source has to know, once a link. */
  private void say() {
    if (!side.linked()) {
      return;
    }
    boolean accepted = steps.done(Step.PERSIST) || !rules.on(ACCEPT_BEFORE_CONT);
    if (!side.said.accepted && accepted) {
      side.said.accepted = true;
      side.send(new Message.Accepted(side.grant.epoch()));
    }
    if (!side.said.running && steps.done(Step.RESUME)) {
      side.said.running = true;
      side.send(new Message.Running(side.grant.epoch(), side.pause.runsFor(side.now)));
    }
  }

  private Effect.Journal journal(JournalEntry.Intent intent) {
    return new Effect.Journal(new JournalEntry(intent, side.config.session(), 0));
  }
}
