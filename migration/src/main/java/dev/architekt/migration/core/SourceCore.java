package dev.architekt.migration.core;

import static dev.architekt.migration.core.InvariantViolation.check;
import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.Strategy;
import dev.architekt.region.PageBitmap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The side that runs the instance and gives it away. Events in, effects out; the diagram is in the
 * package's description. Not thread-safe: one thread at a time calls it.
 */
public final class SourceCore {
  /** A round is over when no more than this part of the window is still on the way. */
  private static final int ROUND_ENDS_AT = 64;

  private final SourceConfig config;
  private final SafetyRules rules;
  private final Map<Integer, Integer> bulkLanesOfLink = new HashMap<>();
  private final Map<Integer, Message.Stop> stopsHeld = new LinkedHashMap<>();

  private Authority authority;
  private SourcePhase phase = SourcePhase.RUNNING;
  private SourceSession session;
  private boolean ending;
  private Reason endReason = Reason.CANCELLED;
  private String endText = "";
  private int declineLink = -1;
  private long declineEpoch = -1;
  private boolean durable;
  private boolean machineGone;
  private int laneTurn;

  private long now;

  // Steps towards the grant, steps back from it, steps after it.
  private Steps forward = new Steps(this::emit, () -> now);
  private Steps undo = new Steps(this::emit, () -> now);
  private Steps after = new Steps(this::emit, () -> now);

  private List<Effect> effects = new ArrayList<>();

  /** A source that runs the instance under {@code authority}, with no session. */
  public SourceCore(SourceConfig config, Authority.Running authority) {
    this(config, authority, SafetyRules.ALL);
  }

  /** For the simulation: the same with other rules. */
  public SourceCore(SourceConfig config, Authority authority, SafetyRules rules) {
    this.config = config;
    this.authority = authority;
    this.rules = rules;
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
    core.machineGone = machine == MachineFound.GONE;
    switch (authority) {
      case Authority.Running _ -> core.recoverRunning(journal, machine);
      case Authority.Granted granted -> core.recoverGranted(granted, machine, kept);
      case Authority.Released _ -> {
        core.after.assumeDone(Step.PERSIST);
        core.phase = SourcePhase.RELEASING;
      }
      case Authority.None _, Authority.Accepted _, Authority.Declined _ ->
          throw new IllegalArgumentException("not the record of a source: " + authority);
    }
    return core;
  }

  private void recoverRunning(JournalEntry journal, MachineFound machine) {
    if (journal.intent() == JournalEntry.Intent.RESTORING) {
      phase = SourcePhase.RESTORING;
    } else if (machine == MachineFound.GONE) {
      phase = SourcePhase.LOST;
    } else if (journal.intent() == JournalEntry.Intent.SWITCHING) {
      switchOverWasBegun();
      ending = true;
      endReason = Reason.RESTARTED;
      endText = "the source was started again during a switch-over and has undone it";
      phase = SourcePhase.ROLLING_BACK;
    }
  }

  private void recoverGranted(
      Authority.Granted granted, MachineFound machine, Optional<KeptState> kept) {
    switchOverWasBegun();
    if (machine == MachineFound.RUNNING) {
      forward.again(Step.PAUSE);
    }
    session = SourceSession.recovered(granted, kept, new PageLedger(config.regions()));
    if (session.device != null) {
      forward.assumeDone(Step.KEEP_STATE);
    }
    phase = SourcePhase.GRANTED;
  }

  private void switchOverWasBegun() {
    forward.assumeDone(Step.TRACK);
    forward.assumeDone(Step.JOURNAL);
    forward.assumeDone(Step.CEDE_ADDRESS);
    forward.assumeDone(Step.BEFORE_SUSPEND);
    forward.assumeDone(Step.PAUSE);
    forward.assumeDone(Step.COLLECT);
    forward.assumeDone(Step.DRAIN_TAP);
  }

  /**
   * Takes one event.
   *
   * @param nanos the moment, of a clock that never goes back
   * @return what to do now, in this order
   * @throws InvariantViolation when going on would break a promise
   */
  public List<Effect> handle(long nanos, Event event) {
    now = nanos;
    effects = new ArrayList<>();
    take(event);
    advance();
    return effects;
  }

  private void advance() {
    SourcePhase before;
    do {
      before = phase;
      switch (phase) {
        case RUNNING, RELEASED, RESTORING, LOST -> {}
        case COPYING -> copy();
        case SWITCHING -> switchOver();
        case ROLLING_BACK -> rollBack();
        case GRANTED -> deliver();
        case SERVING -> serve();
        case REVOKING -> revoke();
        case RELEASING -> release();
      }
    } while (phase != before);
  }

  // --- the phases -------------------------------------------------------------------------------

  private void copy() {
    if (!session.linked() || !forward.need(Step.TRACK, new Effect.StartTracking(session.lineage))) {
      return;
    }
    if (session.decision.strategy() == Strategy.POST_COPY) {
      session
          .decision
          .decide(0, session.ledger.pending(), 0, 0, session.bytesPerSecond)
          .ifPresent(this::beginSwitch);
      return;
    }
    pump(Long.MAX_VALUE);
    // A round ends when the destination has put nearly all of it away: what is still on the way
    // would have to be waited for while the guest stands still.
    if (session.ledger.pending() == 0
        && session.inFlight.pages() * ROUND_ENDS_AT <= session.windowPages) {
      forward.need(Step.COLLECT);
    }
  }

  private void switchOver() {
    SourceSession s = session;
    if (!forward.begun(Step.PAUSE) && s.decision.strategy() != Strategy.POST_COPY) {
      pump(Long.MAX_VALUE);
    }
    if (!forward.need(Step.JOURNAL, journal(JournalEntry.Intent.SWITCHING))) return;
    if (!forward.need(Step.CEDE_ADDRESS)) return;
    if (!announced()) return;
    if (!forward.need(Step.BEFORE_SUSPEND)) return;
    if (!forward.need(Step.PAUSE)) return;
    boolean sent = forward.begun(Step.KEEP_STATE) || forward.begun(Step.PERSIST);
    if (!sent && !sendRest()) return;
    if (rules.on(STATE_KEPT_BEFORE_GRANT) && !forward.need(Step.KEEP_STATE, keep())) return;
    if (!rules.on(GRANT_DURABLE_BEFORE_SEND)) sendGrant();
    if (!forward.need(Step.PERSIST, new Effect.Persist(grant()))) return;
    authority = grant();
    phase = SourcePhase.GRANTED;
  }

  private void rollBack() {
    if (forward.busy()) return; // what is in hand must end before it can be undone
    if (forward.begun(Step.PERSIST)
        && !undo.need(Step.PERSIST, persist(new Authority.Running(authority.epoch())))) return;
    stopsHeld.forEach(this::send);
    stopsHeld.clear();
    if (machineGone) {
      if (restorable() && !undo.need(Step.JOURNAL, journal(JournalEntry.Intent.RESTORING))) return;
      lost();
      return;
    }
    if (forward.begun(Step.PAUSE) && !resume()) return;
    if (forward.begun(Step.CEDE_ADDRESS) && !undo.need(Step.RECLAIM_ADDRESS)) return;
    if (forward.begun(Step.PAUSE) && !undo.need(Step.STEP_CLOCK)) return;
    if (forward.begun(Step.BEFORE_SUSPEND) && !undo.need(Step.AFTER_RESUME)) return;
    if (forward.begun(Step.JOURNAL)
        && !undo.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    if (after.busy()) return;
    rolledBack();
  }

  private void deliver() {
    makeDurable();
    if (!forward.need(Step.PAUSE) || !session.linked()) return;
    // Without the state (a host that lost power before it was durable) the grant is declined.
    if (session.stateNeeded && session.device != null && !session.stateSent) sendState();
    sendGrant();
  }

  private void serve() {
    makeDurable();
    pump(Long.MAX_VALUE);
    if (!rules.on(KEEP_UNTIL_DURABLE) && session.ledger.pending() == 0) {
      phase = SourcePhase.RELEASING;
    }
  }

  private void revoke() {
    // Before the decline is answered: whoever starts again with Running must know what it may do.
    if (machineGone
        && restorable()
        && !undo.need(Step.JOURNAL, journal(JournalEntry.Intent.RESTORING))) return;
    if (!undo.need(Step.PERSIST, persist(new Authority.Running(declineEpoch + 1)))) return;
    send(declineLink, new Message.Withdrawn(declineEpoch));
    authority = new Authority.Running(declineEpoch + 1);
    endSession(Reason.LOAD_FAILED, "the destination declined", false);
  }

  private void release() {
    long epoch = authority.epoch();
    if (!after.need(Step.PERSIST, persist(new Authority.Released(epoch)))) return;
    authority = new Authority.Released(epoch);
    if (!after.begun(Step.RELEASE) && session != null) {
      send(session.link, new Message.Released(epoch));
    }
    if (!after.need(Step.RELEASE)) return;
    if (!after.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    if (after.busy()) return;
    phase = SourcePhase.RELEASED;
    emit(new Effect.Finished(Outcome.MOVED, Reason.CANCELLED, "every chunk is at the destination"));
  }

  // --- parts of phases --------------------------------------------------------------------------

  private boolean resume() {
    check(
        authority instanceof Authority.Running || !rules.on(DECLINE_ONLY_RECEIVED),
        "about to run the instance with " + authority);
    return undo.need(Step.RESUME);
  }

  private void makeDurable() {
    durable = !rules.on(FLUSH_AFTER_GRANT) || after.need(Step.FLUSH_REGIONS);
  }

  private boolean announced() {
    if (!session.announceSent) {
      session.announceSent = true;
      send(session.link, new Message.Announce(session.attempt));
    }
    return session.announced;
  }

  /** Flushes and saves side by side, sends what fits, then the state; whether it is sent. */
  private boolean sendRest() {
    forward.need(Step.DRAIN_TAP);
    boolean saved = forward.need(Step.SAVE_STATE);
    boolean flushed = !rules.on(FLUSH_BEFORE_STATE) || forward.need(Step.COLLECT);
    if (!flushed || !sendBudget() || !saved) {
      return false;
    }
    sendState();
    return true;
  }

  /** Sends the pages that may still go while the guest is paused; whether they are sent. */
  private boolean sendBudget() {
    session.settled = true;
    long before = session.ledger.pending();
    pump(session.budgetPages);
    session.budgetPages -= before - session.ledger.pending();
    return session.budgetPages <= 0 || session.ledger.pending() == 0;
  }

  private void sendState() {
    SourceSession s = session;
    s.stateSent = true;
    s.stalePages = s.ledger.pending();
    s.pause.sent(now);
    send(
        s.link,
        new Message.State(
            s.attempt, s.inFlight.sent(), s.ledger.stale(), s.stoppedAtUnixNanos, s.device));
    if (!s.frames.isEmpty()) {
      send(s.link, new Message.Frames(s.frames));
    }
  }

  private void sendGrant() {
    if (!session.grantSent) {
      session.grantSent = true;
      Authority.Granted grant = grant();
      send(session.link, new Message.Grant(grant.session(), grant.epoch(), grant.attempt()));
    }
  }

  private Authority.Granted grant() {
    return authority instanceof Authority.Granted granted
        ? granted
        : new Authority.Granted(
            authority.epoch() + 1, session.id, session.destination, session.attempt);
  }

  private void pump(long mostPages) {
    SourceSession s = session;
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
      if (!rules.on(LANE_ORDER)) {
        lane = Lane.FIRST_BULK + laneTurn++ % s.bulkLanes;
      }
      sendExtent(lane, next.region(), next.firstPage(), next.pages());
    }
  }

  private void sendExtent(int lane, int region, long firstPage, int pages) {
    SourceSession s = session;
    s.inFlight.sent(lane, region, firstPage, pages);
    emit(new Effect.SendExtent(s.link, lane, region, firstPage, pages, s.rounds, s.settled));
  }

  private void beginSwitch(SwitchReason reason) {
    session.resetSwitch();
    session.attempt++;
    session.switchReason = reason;
    session.switchStartedAt = now;
    session.budgetPages = session.decision.budgetPages(session.bytesPerSecond);
    forward.again(Step.COLLECT);
    phase = SourcePhase.SWITCHING;
  }

  private void rolledBack() {
    boolean wasTracking = forward.done(Step.TRACK);
    forward = new Steps(this::emit, () -> now);
    undo = new Steps(this::emit, () -> now);
    after = new Steps(this::emit, () -> now);
    durable = false;
    if (!ending) {
      if (wasTracking) {
        forward.assumeDone(Step.TRACK);
      }
      session.resetSwitch();
      session.linkLostAt = now;
      session.collectedAt = now;
      phase = SourcePhase.COPYING;
      return;
    }
    ending = false;
    session = null;
    phase = SourcePhase.RUNNING;
    emit(new Effect.Finished(Outcome.STAYED, endReason, endText));
  }

  /** Before the grant, or after a decline: undoes what was begun, and forgets the session. */
  private void endSession(Reason reason, String text, boolean tell) {
    int told = tell ? session.link : -1;
    session.linkLost(now, false);
    ending = true;
    endReason = reason;
    endText = text;
    phase = SourcePhase.ROLLING_BACK;
    stop(told, reason, text);
  }

  /**
   * Tells a destination that there is nothing to wait for. A grant whose write failed may be
   * durable: until it is overwritten, a source that is started again needs the destination to
   * accept or to decline, so that it is not sent away before.
   */
  private void stop(int link, Reason reason, String text) {
    Message.Stop stop = new Message.Stop(reason, text);
    boolean grantPerhapsDurable = forward.begun(Step.PERSIST) && !undo.done(Step.PERSIST);
    if (phase == SourcePhase.ROLLING_BACK && grantPerhapsDurable) {
      stopsHeld.put(link, stop);
    } else {
      send(link, stop);
    }
  }

  /** Whether the kept state and the copies are the machine as it was when it ended. */
  private boolean restorable() {
    return forward.done(Step.KEEP_STATE) && !undo.begun(Step.RESUME);
  }

  /** There is nothing to resume. The copies stay, and what was kept. */
  private void lost() {
    phase = session != null && restorable() ? SourcePhase.RESTORING : SourcePhase.LOST;
    session = null;
    emit(new Effect.Notice(Reason.HYPERVISOR, "the machine is gone, and it runs nowhere else"));
  }

  private void machineGone() {
    machineGone = true;
    if (phase == SourcePhase.RUNNING) {
      lost();
    } else if (phase == SourcePhase.COPYING || phase == SourcePhase.SWITCHING && !granting()) {
      endSession(Reason.HYPERVISOR, "the machine has ended", true);
    }
  }

  private Effect.Keep keep() {
    return new Effect.Keep(session.kept());
  }

  private Effect.Journal journal(JournalEntry.Intent intent) {
    return new Effect.Journal(new JournalEntry(intent, session.id, session.attempt));
  }

  private static Effect.Persist persist(Authority authority) {
    return new Effect.Persist(authority);
  }

  /** Whether the grant may be durable already, or is. */
  private boolean granting() {
    return phase == SourcePhase.GRANTED
        || phase == SourcePhase.SWITCHING && forward.begun(Step.PERSIST);
  }

  // --- events -----------------------------------------------------------------------------------

  private void take(Event event) {
    switch (event) {
      case Event.LinkUp e -> bulkLanesOfLink.put(e.link(), e.bulkLanes());
      case Event.LinkDown e -> linkDown(e.link());
      case Event.Received e -> received(e.link(), e.message());
      case Event.Tick _ -> tick();
      case Event.Cancel e -> cancel(e.text());
      case Event.Done e -> done(e.step());
      case Event.Failed e -> failed(e.step(), e.reason(), e.text());
      case Event.MachineGone _ -> machineGone();
      case Event.Stopped e -> stopped(e.agoNanos());
      case Event.Persisted _ -> done(Step.PERSIST);
      case Event.Tracking e -> tracking(e.changed());
      case Event.Dirty e -> dirty(e.dirty());
      case Event.StateSaved e -> stateSaved(e);
      case Event.TapDrained e -> tapDrained(e.frames());
      case Event.Sent e -> sent(e);
      case Event.Prepared _, Event.PagesStored _, Event.Wanted _, Event.Resumed _ ->
          throw new IllegalArgumentException("not an event of a source: " + event);
    }
  }

  private void linkDown(int link) {
    bulkLanesOfLink.remove(link);
    stopsHeld.remove(link);
    if (session != null && session.link == link) {
      sessionLinkLost();
    }
  }

  private void sessionLinkLost() {
    session.linkLost(now, rules.on(RESEND_UNCONFIRMED));
    if (phase == SourcePhase.SWITCHING && !granting()) {
      phase = SourcePhase.ROLLING_BACK;
    }
  }

  private void tick() {
    undo.retryFailed();
    after.retryFailed();
    if (phase == SourcePhase.GRANTED) {
      forward.retryFailed();
    }
    if (session == null) {
      return;
    }
    boolean waiting = phase == SourcePhase.COPYING && !session.linked();
    if (waiting && now - session.linkLostAt > config.sessionTimeoutNanos()) {
      endSession(Reason.LINK_LOST, "the destination did not come back", false);
    } else if (phase == SourcePhase.SWITCHING
        && !forward.begun(Step.PAUSE)
        && now - session.switchStartedAt > config.switchTimeoutNanos()) {
      endSession(Reason.NETWORK, "the destination did not announce the address in time", true);
    } else if (phase == SourcePhase.GRANTED
        && !session.linked()
        && !rules.on(DECLINE_ONLY_RECEIVED)
        && now - session.linkLostAt > config.switchTimeoutNanos()) {
      declineEpoch = authority.epoch();
      phase = SourcePhase.REVOKING;
    }
  }

  private void cancel(String text) {
    if (phase == SourcePhase.COPYING || phase == SourcePhase.SWITCHING && !granting()) {
      endSession(Reason.CANCELLED, text, true);
    } else if (phase != SourcePhase.RUNNING && phase != SourcePhase.ROLLING_BACK) {
      emit(
          new Effect.Notice(
              Reason.ALREADY_GRANTED,
              "not cancelled: epoch " + authority.epoch() + " is granted to the destination"));
    }
  }

  private void done(Step step) {
    boolean _ = forward.finish(step, true) || undo.finish(step, true) || after.finish(step, true);
  }

  private void stopped(long agoNanos) {
    if (forward.finish(Step.PAUSE, true) && session != null) {
      session.pause.stopped(now, agoNanos);
    }
  }

  private void failed(Step step, Reason reason, String text) {
    emit(new Effect.Notice(reason, step + " failed: " + text));
    if (step == Step.SEND) {
      sendFailed(reason, text);
    } else if (step == Step.DRAIN_TAP) {
      forward.finish(step, true); // frames that stay behind cost a retransmission, not the move
    } else if (forward.finish(step, false)) {
      forwardFailed(step, reason, text);
    } else if (undo.taken(step)) {
      // A hook that fails must not keep the instance from being whole again.
      undo.finish(step, step == Step.AFTER_RESUME || step == Step.STEP_CLOCK);
    } else {
      after.finish(step, false);
    }
  }

  private void forwardFailed(Step step, Reason reason, String text) {
    if (phase == SourcePhase.COPYING || phase == SourcePhase.SWITCHING) {
      endSession(reason, step + " failed: " + text, true);
    }
  }

  private void sendFailed(Reason reason, String text) {
    if (phase == SourcePhase.COPYING || phase == SourcePhase.SWITCHING && !granting()) {
      endSession(reason, text, true);
    } else if (session != null && session.linked()) {
      emit(new Effect.Disconnect(session.link));
    }
  }

  private void tracking(List<PageBitmap> changed) {
    if (forward.finish(Step.TRACK, true) && session != null) {
      session.ledger.start(changed);
      long total = config.regions().stream().mapToLong(r -> r.pages()).sum();
      session.elidedPages = total - session.ledger.pending();
      session.collectedAt = now;
      session.measureBandwidth(now);
    }
  }

  private void dirty(List<PageBitmap> dirty) {
    if (!forward.finish(Step.COLLECT, true) || session == null) {
      return;
    }
    SourceSession s = session;
    if (phase != SourcePhase.COPYING) {
      s.ledger.dirtiedLast(dirty);
      return;
    }
    forward.again(Step.COLLECT);
    s.measureDirt(now, Bitmaps.count(dirty));
    s.measureBandwidth(now);
    s.ledger.dirtied(dirty);
    if (!rules.on(RESEND_DIRTIED_DURING_TRANSFER)) {
      s.inFlight.forEach(s.ledger::taken);
    }
    s.rounds++;
    long left = s.ledger.pending() + s.inFlight.pages();
    if (s.linked()) {
      s.decision
          .decide(s.rounds, left, s.leftBefore, s.dirtyPagesPerSecond, s.bytesPerSecond)
          .ifPresent(this::beginSwitch);
    }
    s.leftBefore = left;
  }

  private void stateSaved(Event.StateSaved e) {
    if (forward.finish(Step.SAVE_STATE, true) && session != null) {
      session.device = e.device();
      session.stoppedAtUnixNanos = e.stoppedAtUnixNanos();
    }
  }

  private void tapDrained(List<byte[]> frames) {
    forward.finish(Step.DRAIN_TAP, true);
    if (session == null || frames.isEmpty()) {
      return;
    }
    if (session.frames.size() + frames.size() <= Bounds.FRAMES_MAX) {
      session.frames.addAll(frames);
    }
    if (session.linked()
        && (session.stateSent || phase == SourcePhase.GRANTED || phase == SourcePhase.SERVING)) {
      send(session.link, new Message.Frames(frames));
    }
  }

  private void sent(Event.Sent e) {
    if (session != null) {
      session.dataPages += e.dataPages();
      session.zeroPages += e.zeroPages();
      session.wireBytes += e.wireBytes();
    }
  }

  // --- messages ---------------------------------------------------------------------------------

  private void received(int link, Message message) {
    if (!bulkLanesOfLink.containsKey(link)) {
      return; // of a link that is gone
    }
    boolean ours = session != null && session.link == link;
    switch (message) {
      case Message.Describe _ -> describe(link);
      case Message.Begin m -> begin(link, m);
      case Message.Resume m -> resumeSession(link, m);
      case Message.Declined m -> declined(link, m.epoch(), ours);
      case Message.Ping m -> send(link, new Message.Pong(m.number()));
      case Message.Pong _ when ours -> {
        if (session.pause.answered(now)) {
          sendFigures();
        }
      }
      case Message.Pong _ -> {}
      case Message.Stop _ -> stop(link, ours);
      case Message.Stored m when ours -> stored(m);
      case Message.Demand m when ours -> demand(m);
      case Message.Announced m when ours -> {
        if (m.attempt() == session.attempt && phase == SourcePhase.SWITCHING) {
          session.announced = true;
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
          broken(link, "a destination sent " + message.getClass().getSimpleName());
    }
  }

  private void describe(int link) {
    if (authority instanceof Authority.Running && !machineLost()) {
      send(link, config.describe(authority.epoch()));
    } else {
      send(link, new Message.Stop(Reason.NOT_AUTHORIZED, "this host no longer runs the instance"));
    }
  }

  private boolean machineLost() {
    return phase == SourcePhase.LOST || phase == SourcePhase.RESTORING;
  }

  private void begin(int link, Message.Begin m) {
    if (m.lineage().size() != config.regions().size()) {
      broken(link, m.lineage().size() + " lineages for " + config.regions().size() + " regions");
      return;
    }
    if (!(authority instanceof Authority.Running) || machineLost()) {
      describe(link);
      return;
    }
    if (phase == SourcePhase.COPYING && session.destination.equals(m.destination())) {
      endSession(Reason.RESTARTED, "the destination began anew", false);
      rollBack();
    }
    if (phase != SourcePhase.RUNNING) {
      send(link, new Message.Stop(Reason.BUSY, "another migration of this instance is under way"));
      return;
    }
    session =
        new SourceSession(
            m.session(),
            m.destination(),
            new SwitchDecision(m.strategy(), m.gapTargetNanos(), config.overheadNanos()),
            m.lineage(),
            new PageLedger(config.regions()),
            config.bytesPerSecondAssumed());
    session.linkUp(link, bulkLanesOfLink.get(link), m.windowBytes());
    phase = SourcePhase.COPYING;
  }

  private void resumeSession(int link, Message.Resume m) {
    boolean known =
        session != null
            && session.id.equals(m.session())
            && session.destination.equals(m.destination());
    switch (m.standing()) {
      case DECLINED -> declined(link, m.epoch(), known);
      case RECEIVING -> resumeReceiving(link, m, known);
      case ACCEPTED, COMPLETE -> resumeAccepted(link, m, known);
    }
  }

  private void resumeReceiving(int link, Message.Resume m, boolean known) {
    if (!known
        || ending
        || phase == SourcePhase.SERVING
        || authority instanceof Authority.Released) {
      stop(link, Reason.UNKNOWN_SESSION, "the source has no such session");
      return;
    }
    takeOverLink(link, m);
    Message.Continue.Standing standing =
        granting() ? Message.Continue.Standing.GRANTED : Message.Continue.Standing.COPYING;
    if (granting()) {
      session.stateNeeded = m.attempt() != session.attempt;
    }
    send(link, new Message.Continue(session.id, standing, authority.epoch(), session.attempt));
  }

  private void resumeAccepted(int link, Message.Resume m, boolean known) {
    if (authority instanceof Authority.Released && authority.epoch() == m.epoch()) {
      Message.Continue.Standing released = Message.Continue.Standing.RELEASED;
      send(link, new Message.Continue(m.session(), released, authority.epoch(), 0));
      return;
    }
    boolean granted =
        phase == SourcePhase.GRANTED
            || phase == SourcePhase.SERVING
            || phase == SourcePhase.RELEASING;
    if (!known || !granted || rules.on(EPOCH_CHECK) && authority.epoch() != m.epoch()) {
      send(link, new Message.Stop(Reason.NOT_AUTHORIZED, "epoch " + m.epoch() + " is not granted"));
      return;
    }
    takeOverLink(link, m);
    if (phase != SourcePhase.RELEASING) {
      phase = SourcePhase.SERVING;
      session.ledger.replace(m.missing());
    }
    Message.Continue.Standing serving = Message.Continue.Standing.SERVING;
    send(link, new Message.Continue(session.id, serving, authority.epoch(), session.attempt));
    if (m.standing() == Message.Resume.Standing.COMPLETE) {
      phase = SourcePhase.RELEASING;
    }
  }

  /** The destination dialled again; if its old link still seems to live, it does not any more. */
  private void takeOverLink(int link, Message.Resume m) {
    if (session.linked()) {
      int old = session.link;
      sessionLinkLost();
      emit(new Effect.Disconnect(old));
    }
    session.linkUp(link, bulkLanesOfLink.get(link), m.windowBytes());
  }

  private void declined(int link, long epoch, boolean ours) {
    boolean meant = ours && authority.epoch() == epoch || !rules.on(EPOCH_CHECK);
    if (phase == SourcePhase.GRANTED && meant) {
      declineLink = link;
      declineEpoch = authority.epoch();
      phase = SourcePhase.REVOKING;
    } else if (phase == SourcePhase.REVOKING && epoch == declineEpoch) {
      declineLink = link;
    } else if (epoch < authority.epoch()) {
      send(link, new Message.Withdrawn(epoch));
    } else {
      broken(link, "declined epoch " + epoch + ", which is not open; here: " + authority);
    }
  }

  private void stop(int link, boolean ours) {
    if (ours && granting()) {
      send(link, new Message.Stop(Reason.ALREADY_GRANTED, "epoch " + grant().epoch()));
    } else if (ours && (phase == SourcePhase.COPYING || phase == SourcePhase.SWITCHING)) {
      endSession(Reason.CANCELLED, "the destination stopped the migration", true);
    } else if (!ours) {
      stop(link, Reason.UNKNOWN_SESSION, "no session is open on this link");
    }
  }

  private void stored(Message.Stored m) {
    if (session.inFlight.stored(m.lane(), m.pages()) < 0) {
      broken(session.link, "more pages stored than sent, or fewer than before: " + m);
    }
  }

  private void demand(Message.Demand m) {
    if (m.region() >= config.regions().size()
        || m.firstPage() + m.pages() > config.regions().get(m.region()).pages()) {
      broken(session.link, "demand outside the region: " + m);
      return;
    }
    boolean flushed =
        phase == SourcePhase.SWITCHING && forward.done(Step.COLLECT) && session.settled;
    if (!flushed && phase != SourcePhase.GRANTED && phase != SourcePhase.SERVING) {
      return; // of a switch-over that was undone meanwhile
    }
    for (long page = m.firstPage(), end = page + m.pages(); page < end; ) {
      long stripeEnd = (page / Bounds.STRIPE_PAGES + 1) * Bounds.STRIPE_PAGES;
      int count = (int) (Math.min(end, stripeEnd) - page);
      session.ledger.taken(m.region(), page, count);
      sendExtent(Lane.URGENT, m.region(), page, count);
      page += count;
    }
  }

  private void accepted(long epoch) {
    if (phase == SourcePhase.GRANTED && (authority.epoch() == epoch || !rules.on(EPOCH_CHECK))) {
      phase = SourcePhase.SERVING;
    }
  }

  private void running(Message.Running m) {
    if (authority.epoch() == m.epoch()) {
      session.pause.running(now, m.agoNanos());
      send(session.link, new Message.Ping(m.epoch()));
      sendFigures();
    }
  }

  private void sendFigures() {
    send(session.link, new Message.Figures(session.account(forward)));
  }

  private void complete(int link, long epoch, boolean ours) {
    if (authority instanceof Authority.Released && authority.epoch() == epoch) {
      send(link, new Message.Released(epoch));
    } else if (ours && phase == SourcePhase.SERVING && authority.epoch() == epoch) {
      phase = SourcePhase.RELEASING;
    }
  }

  /** The other side broke the protocol: before the grant the session ends, afterwards the link. */
  private void broken(int link, String text) {
    emit(new Effect.Notice(Reason.PROTOCOL, text));
    if (session != null && session.link == link && !granting() && phase != SourcePhase.SERVING) {
      endSession(Reason.PROTOCOL, text, true);
    } else if (!granting()) {
      stop(link, Reason.PROTOCOL, text);
    }
    emit(new Effect.Disconnect(link));
  }

  // --- what is told -----------------------------------------------------------------------------

  private void send(int link, Message message) {
    if (link >= 0) {
      emit(new Effect.Send(link, Lane.CONTROL, message));
    }
  }

  private void emit(Effect effect) {
    effects.add(effect);
  }

  /** The record that holds now, as far as this process has been told. */
  public Authority authority() {
    return authority;
  }

  /** The figures of the session, or of none. */
  public Optional<Account> account() {
    return Optional.ofNullable(session).map(s -> s.account(forward));
  }

  /** The session, if there is one. */
  public Optional<UUID> sessionId() {
    return Optional.ofNullable(session).map(s -> s.id);
  }

  /** The name of the phase, as in the state diagram. */
  public String phase() {
    return phase.name();
  }

  /** What this side can say about itself now. */
  public Status status() {
    boolean linked = session != null && session.linked();
    boolean unknown = phase == SourcePhase.GRANTED;
    String name = unknown && !linked ? "GRANTED_DELIVERY_UNKNOWN" : phase.name();
    long remaining = session == null ? 0 : session.ledger.pending() + session.inFlight.pages();
    return new Status(
        name,
        authority.epoch(),
        linked,
        unknown,
        durable,
        remaining,
        phase.text(session, authority.epoch(), durable));
  }
}
