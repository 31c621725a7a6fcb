package dev.architekt.migration.core;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Reason;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The side that runs the instance and gives it away. Events in, effects out; the diagram is in the
 * package's description. Not thread-safe: one thread at a time calls it.
 */
public final class SourceCore {
  private final SourceSide side;
  private final SourceEnding ending;
  private final SourcePhases phases;
  private final SourceEvents events;

  /** A source that runs the instance under {@code authority}, with no session. */
  public SourceCore(SourceConfig config, Authority.Running authority) {
    this(config, authority, SafetyRules.ALL);
  }

  /** For the simulation: the same with other rules. */
  public SourceCore(SourceConfig config, Authority authority, SafetyRules rules) {
    side = new SourceSide(config, authority, rules);
    ending = new SourceEnding(side);
    SourceSending sending = new SourceSending(side);
    phases = new SourcePhases(side, sending, ending);
    SourceLinks links = new SourceLinks(side, phases, ending);
    SourceMessages messages = new SourceMessages(side, links, sending, ending);
    events = new SourceEvents(side, phases, ending, links, messages);
  }

  /**
   * A source after its process was started again. The first effects come with the next event.
   *
   * @param authority the durable record; {@link Authority.Running}, {@link Authority.Granted} or
   *     {@link Authority.Released}
   * @param journal the durable journal entry
   * @param machine what was found of the machine
   * @param kept what {@link Step#KEEP_STATE} wrote last, if anything
   */
  public static SourceCore recover(
      SourceConfig config,
      Authority authority,
      JournalEntry journal,
      MachineFound machine,
      Optional<KeptState> kept) {
    return recover(config, authority, journal, machine, kept, SafetyRules.ALL);
  }

  /** For the simulation: the same with other rules. */
  public static SourceCore recover(
      SourceConfig config,
      Authority authority,
      JournalEntry journal,
      MachineFound machine,
      Optional<KeptState> kept,
      SafetyRules rules) {
    SourceCore core = new SourceCore(config, authority, rules);
    core.side.machineGone = machine == MachineFound.GONE;
    switch (authority) {
      case Authority.Running _ -> core.recoverRunning(journal, machine);
      case Authority.Granted granted -> core.recoverGranted(granted, machine, kept);
      case Authority.Released _ -> {
        core.side.after.assumeDone(Step.PERSIST);
        core.side.phase = SourcePhase.RELEASING;
      }
      case Authority.None _, Authority.Accepted _, Authority.Declined _ ->
          throw new IllegalArgumentException("not the record of a source: " + authority);
    }
    return core;
  }

  private void recoverRunning(JournalEntry journal, MachineFound machine) {
    if (journal.intent() == JournalEntry.Intent.RESTORING) {
      side.phase = SourcePhase.RESTORING;
    } else if (machine == MachineFound.GONE) {
      side.phase = SourcePhase.LOST;
    } else if (journal.intent() == JournalEntry.Intent.SWITCHING) {
      switchOverWasBegun();
      ending.undoAll(
          Reason.RESTARTED, "the source was started again during a switch-over and has undone it");
    }
  }

  private void recoverGranted(
      Authority.Granted granted, MachineFound machine, Optional<KeptState> kept) {
    switchOverWasBegun();
    if (machine == MachineFound.RUNNING) {
      side.forward.again(Step.PAUSE);
    }
    PageLedger ledger = new PageLedger(side.config.regions());
    side.session = SourceSession.recovered(granted, kept, ledger);
    if (side.session.device != null) {
      side.forward.assumeDone(Step.KEEP_STATE);
    }
    side.phase = SourcePhase.GRANTED;
  }

  private void switchOverWasBegun() {
    side.forward.assumeDone(Step.TRACK);
    side.forward.assumeDone(Step.JOURNAL);
    side.forward.assumeDone(Step.CEDE_ADDRESS);
    side.forward.assumeDone(Step.BEFORE_SUSPEND);
    side.forward.assumeDone(Step.PAUSE);
    side.forward.assumeDone(Step.COLLECT);
    side.forward.assumeDone(Step.DRAIN_TAP);
  }

  /**
   * Takes one event.
   *
   * @param nanos the moment, of a clock that never goes back
   * @return what to do now, in this order
   * @throws InvariantViolation when going on would break a promise
   */
  public List<Effect> handle(long nanos, Event event) {
    side.turn(nanos);
    events.take(event);
    phases.advance();
    return side.effects();
  }

  // --- what is told -----------------------------------------------------------------------------

  /** The record that holds now, as far as this process has been told. */
  public Authority authority() {
    return side.authority;
  }

  /** The figures of the session, or of none. */
  public Optional<Account> account() {
    return Optional.ofNullable(side.session).map(s -> s.account(side.forward));
  }

  /** The session, if there is one. */
  public Optional<UUID> sessionId() {
    return Optional.ofNullable(side.session).map(s -> s.id);
  }

  /** Whether a destination was told on a link that the instance is its own, all of it. */
  public boolean releasedSaid() {
    return side.releasedSaid;
  }

  /** The name of the phase, as in the state diagram. */
  public String phase() {
    return side.phase.name();
  }

  /** What this side can say about itself now. */
  public Status status() {
    SourceSession s = side.session;
    long epoch = side.authority.epoch();
    boolean linked = s != null && s.linked();
    boolean unknown = side.phase == SourcePhase.GRANTED;
    return new Status(
        unknown && !linked ? "GRANTED_DELIVERY_UNKNOWN" : side.phase.name(),
        epoch,
        linked,
        unknown,
        side.durable,
        s == null ? 0 : s.left(),
        side.phase.text(s, epoch, side.durable));
  }
}
