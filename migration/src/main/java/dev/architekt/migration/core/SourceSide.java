package dev.architekt.migration.core;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;

/**
 * What a source knows (who may run the instance, the session, the steps in hand), and how it says
 * something. The parts of a {@link SourceCore} share one.
 */
final class SourceSide extends Turn {
  final SourceConfig config;
  final SafetyRules rules;

  Authority authority;
  SourcePhase phase = SourcePhase.RUNNING;
  SourceSession session;
  boolean durable;
  boolean machineGone;
  boolean releasedSaid;

  // Steps towards the grant, steps back from it, steps after it.
  final Steps forward = new Steps(this::emit, () -> now);
  final Steps undo = new Steps(this::emit, () -> now);
  final Steps after = new Steps(this::emit, () -> now);

  SourceSide(SourceConfig config, Authority authority, SafetyRules rules) {
    this.config = config;
    this.authority = authority;
    this.rules = rules;
  }

  void send(int link, Message message) {
    if (link >= 0) {
      emit(new Effect.Send(link, Lane.CONTROL, message));
    }
  }

  /** The destination need not wait, or dial, any more. */
  void sayReleased(int link, long epoch) {
    releasedSaid |= link >= 0;
    send(link, new Message.Released(epoch));
  }

  // --- what follows from it ---------------------------------------------------------------------

  /** Whether the grant may be durable already, or is. */
  boolean granting() {
    return phase == SourcePhase.GRANTED
        || phase == SourcePhase.SWITCHING && forward.begun(Step.PERSIST);
  }

  /** Whether a session is open that can still be ended from here: no grant may be durable. */
  boolean beforeGrant() {
    return phase == SourcePhase.COPYING || phase == SourcePhase.SWITCHING && !granting();
  }

  /** The grant that was made, or is about to be. */
  Authority.Granted grant() {
    return authority instanceof Authority.Granted granted
        ? granted
        : new Authority.Granted(
            authority.epoch() + 1, session.id, session.destination, session.attempt);
  }

  /** Whether the kept state and the copies are the machine as it was when it ended. */
  boolean restorable() {
    return forward.done(Step.KEEP_STATE) && !undo.begun(Step.RESUME);
  }

  boolean machineLost() {
    return phase == SourcePhase.LOST || phase == SourcePhase.RESTORING;
  }
}
