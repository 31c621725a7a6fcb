package dev.architekt.migration.core;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.Strategy;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The side that takes the instance over. Events in, effects out; the diagram is in the package's
 * description. Not thread-safe: one thread at a time calls it. The shell dials the source whenever
 * there is no link, until {@link Effect.Finished}.
 */
public final class DestinationCore {
  private final DestinationSide side;
  private final DestinationEnding ending;
  private final DestinationPhases phases;
  private final DestinationEvents events;

  /** A destination that begins; {@code authority} is what its host knows of the instance. */
  public DestinationCore(DestinationConfig config, Authority authority) {
    this(config, authority, SafetyRules.ALL);
  }

  /** For the simulation: the same with other rules. */
  public DestinationCore(DestinationConfig config, Authority authority, SafetyRules rules) {
    side = new DestinationSide(config, authority, rules);
    ending = new DestinationEnding(side);
    phases = new DestinationPhases(side, ending);
    DestinationLinks links = new DestinationLinks(side, ending);
    DestinationMessages messages = new DestinationMessages(side, links, ending);
    events = new DestinationEvents(side, ending, links, messages);
  }

  /** A destination after its process was started again. The first effects come with an event. */
  public static DestinationCore recover(
      UUID destination, long windowBytes, long bytesPerSecondMost, Recovered found) {
    return recover(destination, windowBytes, bytesPerSecondMost, found, SafetyRules.ALL);
  }

  /** For the simulation: the same with other rules. */
  public static DestinationCore recover(
      UUID destination,
      long windowBytes,
      long bytesPerSecondMost,
      Recovered found,
      SafetyRules rules) {
    UUID session =
        switch (found.authority()) {
          case Authority.Accepted accepted -> accepted.session();
          case Authority _ -> found.journal().session();
        };
    DestinationCore core =
        new DestinationCore(
            new DestinationConfig(
                session, destination, Strategy.AUTO, 0, windowBytes, bytesPerSecondMost, 0),
            found.authority(),
            rules);
    core.side.arrivals = new Arrivals(found.regions());
    core.side.begun = true;
    core.recover(found);
    return core;
  }

  private void recover(Recovered found) {
    side.steps.assumeDone(Step.JOURNAL);
    switch (side.authority) {
      case Authority.Accepted accepted -> recoverAccepted(accepted, found);
      case Authority.Running _ -> {
        // All here and the source told: only the journal is behind.
        side.closing.assumeDone(Step.PERSIST);
        side.address.want();
        side.phase = DestinationPhase.SETTLING;
      }
      case Authority.None _, Authority.Declined _, Authority.Granted _, Authority.Released _ ->
          recoverUnaccepted(found.journal());
    }
  }

  private void recoverAccepted(Authority.Accepted accepted, Recovered found) {
    side.arrivals.missingMaps(found.missing());
    side.grant = new Message.Grant(accepted.session(), accepted.epoch(), 1);
    side.fenced = true;
    side.address.want();
    side.steps.assumeDone(Step.PERSIST);
    if (found.machine() == MachineFound.RUNNING) {
      side.steps.assumeDone(Step.RESUME);
    }
    boolean gone = found.machine() == MachineFound.GONE;
    side.phase = gone ? DestinationPhase.LOST : DestinationPhase.RESUMING;
  }

  private void recoverUnaccepted(JournalEntry journal) {
    side.address.perhapsHere();
    if (journal.intent() != JournalEntry.Intent.RECEIVING) {
      side.phase = DestinationPhase.ENDED;
    } else if (side.authority instanceof Authority.Declined declined
        && declined.session().equals(side.config.session())) {
      ending.because(Reason.RESTARTED, "the destination was started again after it had declined");
      side.phase = DestinationPhase.DECLINED;
    } else {
      ending.fail(
          Reason.RESTARTED, "the destination was started again and lost what it had prepared");
    }
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

  /** The source's figures, once it has sent them. */
  public Optional<Account> account() {
    return Optional.ofNullable(side.account);
  }

  /** This side's share of the pause, once the guest runs; empty after a restart in between. */
  public Optional<DestinationPause> pause() {
    return side.pause.pause();
  }

  /** When what has reached this side, in the nanoseconds that it was told. */
  public DestinationMilestones milestones() {
    return side.milestones.milestones();
  }

  /** Pages that readers waited for. */
  public long demandedPages() {
    return side.demands.demanded();
  }

  /** How long the first page that a reader waited for took to arrive, in ns; -1 for none. */
  public long firstAnswerNanos() {
    return side.demands.firstAnswerNanos();
  }

  /** The name of the phase, as in the state diagram. */
  public String phase() {
    return side.phase.name();
  }

  /** What this side can say about itself now. */
  public Status status() {
    DestinationPhase phase = side.phase;
    boolean linked = side.linked();
    boolean unknown =
        phase == DestinationPhase.LOADING && side.fenced
            || phase == DestinationPhase.STOPPING && side.begun;
    long epoch = side.authority.epoch();
    long missing = side.arrivals == null ? 0 : side.arrivals.missingPages();
    return new Status(
        unknown && !linked ? "GRANT_UNKNOWN" : phase.name(),
        epoch,
        linked,
        unknown && !linked,
        false,
        missing,
        phase.text(linked, epoch, missing, ending.text()));
  }
}
