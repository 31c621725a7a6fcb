package dev.architekt.migration.core;

import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.util.List;

/**
 * What a destination knows (its authority, what has arrived, the steps in hand), and how it says
 * something. The parts of a {@link DestinationCore} share one.
 */
final class DestinationSide extends Turn {
  final DestinationConfig config;
  final SafetyRules rules;

  Authority authority;
  DestinationPhase phase = DestinationPhase.CONNECTING;

  // Steps towards the instance here; steps that undo them or end the session, and the address's.
  final Steps steps = new Steps(this::emit, () -> now);
  final Steps closing = new Steps(this::emit, () -> now);

  int link = -1;
  Said said = new Said();
  Message.Description description;
  Arrivals arrivals;
  List<Long> lineage;
  boolean begun;
  boolean beginAgain;

  // The switch-over.
  final DestinationAddress address = new DestinationAddress(closing);

  /** The latest switch-over that the source has announced. */
  int attempt;

  Message.State state;
  Message.Grant grant;
  boolean fenced;
  boolean droppedPages;

  // Figures.
  final DestinationPauseClock pause = new DestinationPauseClock();
  final MilestoneClock milestones = new MilestoneClock();
  final DemandClock demands = new DemandClock();
  Account account;

  /** What the source was told on this link. */
  static final class Said {
    boolean accepted;
    boolean running;
    boolean complete;
    boolean stop;
    boolean declined;
  }

  DestinationSide(DestinationConfig config, Authority authority, SafetyRules rules) {
    this.config = config;
    this.authority = authority;
    this.rules = rules;
  }

  boolean linked() {
    return link >= 0;
  }

  void send(Message message) {
    if (linked()) {
      emit(new Effect.Send(link, Lane.CONTROL, message));
    }
  }

  void demand(Message.Demand demand) {
    if (linked()) {
      emit(new Effect.Send(link, Lane.URGENT, demand));
    }
  }

  /** The switch-over was undone at the source: a machine that loaded its state is void. */
  void switchOverUndone() {
    address.letGoUnsaid();
    boolean used = state != null;
    state = null;
    fenced = false;
    if (!rules.on(RESET_AFTER_ROLLBACK)) {
      steps.again(Step.FORGET);
      phase = DestinationPhase.RECEIVING;
    } else if (used) {
      phase = DestinationPhase.RESETTING;
    }
    arrivals.nothingMissing();
  }
}
