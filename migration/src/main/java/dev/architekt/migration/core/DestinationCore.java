package dev.architekt.migration.core;

import static dev.architekt.migration.core.InvariantViolation.check;
import static dev.architekt.migration.core.rules.SafetyRule.*;

import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The side that takes the instance over. Events in, effects out; the diagram is in the package's
 * description. Not thread-safe: one thread at a time calls it. The shell dials the source whenever
 * there is no link, until {@link Effect.Finished}.
 */
public final class DestinationCore {
  private enum Phase {
    CONNECTING,
    PREPARING,
    RECEIVING,
    RESETTING,
    LOADING,
    ACCEPTING,
    RESUMING,
    FETCHING,
    COMPLETING,
    SETTLING,
    HOME,
    STOPPING,
    DECLINING,
    DECLINED,
    WINDING_UP,
    ENDED,
    LOST
  }

  private final DestinationConfig config;
  private final SafetyRules rules;
  private Authority authority;
  private Phase phase = Phase.CONNECTING;
  private long now;

  private Steps steps = new Steps(this::emit, () -> now);
  private final Steps closing = new Steps(this::emit, () -> now);

  private int link = -1;
  private Message.Description description;
  private Arrivals arrivals;
  private List<Long> lineage;
  private boolean begun;
  private boolean beginAgain;

  // The switch-over.
  private boolean addressWanted;
  private boolean addressHere;
  private boolean addressUnsure;
  private boolean addressFailed;
  private int announceAttempt;
  private Message.State state;
  private Message.Grant grant;
  private boolean fenced;
  private boolean droppedPages;
  private long stateAt;
  private long fencedAt;
  private long loadedAt;
  private long grantedAt;
  private Optional<DestinationPause> pause = Optional.empty();
  private OptionalLong resumedAt = OptionalLong.empty();

  private boolean acceptedSaid;
  private boolean runningSaid;
  private boolean completeSaid;
  private boolean stopSaid;
  private boolean declineSaid;
  private boolean cancelWanted;
  private Outcome outcome = Outcome.STAYED;
  private Reason reason = Reason.CANCELLED;
  private String text = "";
  private Account account;
  private final DemandClock demands = new DemandClock();

  private List<Effect> effects = new ArrayList<>();

  /** A destination that begins; {@code authority} is what its host knows of the instance. */
  public DestinationCore(DestinationConfig config, Authority authority) {
    this(config, authority, SafetyRules.ALL);
  }

  /** For the simulation: the same with other rules. */
  public DestinationCore(DestinationConfig config, Authority authority, SafetyRules rules) {
    this.config = config;
    this.authority = authority;
    this.rules = rules;
  }

  /** A destination after its process was started again. The first effects come with an event. */
  public static DestinationCore recover(UUID destination, long windowBytes, Recovered found) {
    return recover(destination, windowBytes, found, SafetyRules.ALL);
  }

  /** For the simulation: the same with other rules. */
  public static DestinationCore recover(
      UUID destination, long windowBytes, Recovered found, SafetyRules rules) {
    UUID session =
        switch (found.authority()) {
          case Authority.Accepted accepted -> accepted.session();
          case Authority _ -> found.journal().session();
        };
    DestinationCore core =
        new DestinationCore(
            new DestinationConfig(session, destination, Strategy.AUTO, 0, windowBytes),
            found.authority(),
            rules);
    core.arrivals = new Arrivals(found.regions());
    core.begun = true;
    core.recover(found);
    return core;
  }

  private void recover(Recovered found) {
    steps.assumeDone(Step.JOURNAL);
    if (authority instanceof Authority.Accepted accepted) {
      arrivals.missingMaps(found.missing());
      grant = new Message.Grant(accepted.session(), accepted.epoch(), 1);
      fenced = true;
      addressWanted = true;
      steps.assumeDone(Step.PERSIST);
      if (found.machine() == MachineFound.RUNNING) {
        steps.assumeDone(Step.RESUME);
      }
      phase = found.machine() == MachineFound.GONE ? Phase.LOST : Phase.RESUMING;
      return;
    }
    if (authority instanceof Authority.Running) {
      closing.assumeDone(Step.PERSIST); // all here and the source told: only the journal is behind
      addressWanted = true;
      phase = Phase.SETTLING;
      return;
    }
    addressHere = true; // perhaps; withdrawing it does no harm
    if (found.journal().intent() != JournalEntry.Intent.RECEIVING) {
      phase = Phase.ENDED;
    } else if (authority instanceof Authority.Declined declined
        && declined.session().equals(config.session())) {
      reason = Reason.RESTARTED;
      text = "the destination was started again after it had declined";
      phase = Phase.DECLINED;
    } else {
      fail(Reason.RESTARTED, "the destination was started again and lost what it had prepared");
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
    now = nanos;
    effects = new ArrayList<>();
    take(event);
    advance();
    return effects;
  }

  private void advance() {
    Phase before;
    do {
      before = phase;
      address();
      switch (phase) {
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
    } while (phase != before);
  }

  // --- the phases -------------------------------------------------------------------------------

  private void prepare() {
    if (!steps.need(Step.JOURNAL, journal(JournalEntry.Intent.RECEIVING))) return;
    if (!steps.need(Step.PREPARE, new Effect.Prepare(description))) return;
    phase = Phase.RECEIVING;
  }

  private void receive() {
    if (link >= 0 && (!begun || beginAgain)) {
      begun = true;
      beginAgain = false;
      send(
          new Message.Begin(
              config.session(),
              config.destination(),
              config.strategy(),
              config.gapTargetNanos(),
              config.windowBytes(),
              lineage));
    }
  }

  private void reset() {
    if (steps.taken(Step.FORGET)) return;
    if (!closing.need(Step.RESET_MACHINE)) return;
    closing.again(Step.RESET_MACHINE);
    steps.again(Step.FORGET);
    steps.again(Step.LOAD);
    phase = Phase.RECEIVING;
    if (droppedPages) {
      droppedPages = false;
      emit(new Effect.Disconnect(link)); // what is not confirmed goes again on the next link
    }
  }

  private void load() {
    if (!fenced()) return;
    if (rules.on(FORGET_STALE_BEFORE_LOAD)
        && !steps.need(Step.FORGET, new Effect.Forget(state.stale()))) return;
    if (!steps.need(Step.LOAD, new Effect.Load(state.device()))) return;
    if (loadedAt == 0) loadedAt = now;
    if (grant != null) phase = Phase.ACCEPTING;
  }

  private void accept() {
    Authority accepted = new Authority.Accepted(grant.epoch(), grant.session());
    boolean durable = steps.need(Step.PERSIST, new Effect.Persist(accepted));
    if (!durable && rules.on(ACCEPT_BEFORE_CONT)) return;
    authority = accepted;
    addressWanted = true;
    phase = Phase.RESUMING;
  }

  private void resume() {
    say();
    if (!addressCertain()) return;
    check(steps.done(Step.PERSIST) || !rules.on(ACCEPT_BEFORE_CONT), "resume without acceptance");
    if (!steps.need(Step.RESUME)) return;
    say();
    phase = Phase.FETCHING;
  }

  private void fetch() {
    say();
    steps.need(Step.STEP_CLOCK);
    steps.need(Step.AFTER_RESUME);
    if (!arrivals.complete()) return;
    if (rules.on(FLUSH_BEFORE_COMPLETE) && !steps.need(Step.FLUSH_REGIONS)) return;
    phase = Phase.COMPLETING;
  }

  private void complete() {
    say();
    if (link >= 0 && !completeSaid) {
      completeSaid = true;
      send(new Message.Complete(grant.epoch()));
    }
  }

  private void settle() {
    if (!closing.need(Step.PERSIST, new Effect.Persist(new Authority.Running(authority.epoch()))))
      return;
    authority = new Authority.Running(authority.epoch());
    if (!closing.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    if (!addressCertain()) return;
    phase = Phase.HOME;
    emit(new Effect.Finished(Outcome.MOVED, Reason.CANCELLED, "the instance is here, all of it"));
  }

  private void stopHere() {
    if (begun && link >= 0 && !stopSaid) {
      stopSaid = true;
      send(new Message.Stop(reason, text));
    }
    if (grant != null) {
      phase = Phase.DECLINING;
    } else if (!begun) {
      phase = Phase.WINDING_UP;
    }
  }

  private void decline() {
    addressWanted = false;
    if (steps.taken(Step.PERSIST)) return; // an acceptance must not land after the decline
    Authority declined = new Authority.Declined(grant.epoch(), config.session());
    boolean durable = closing.need(Step.PERSIST, new Effect.Persist(declined));
    if (!durable && rules.on(DECLINE_DURABLE_BEFORE_SEND)) return;
    authority = declined;
    phase = Phase.DECLINED;
  }

  private void sayDeclined() {
    addressWanted = false;
    closing.need(Step.DISCARD);
    if (!addressQuiet()) return; // the source will answer for it again
    if (link >= 0 && !declineSaid) {
      declineSaid = true;
      send(new Message.Declined(authority.epoch(), reason, text));
    }
  }

  private void windUp() {
    addressWanted = false;
    if (!addressQuiet() || steps.taken(Step.PREPARE) || steps.taken(Step.JOURNAL)) return;
    if (!closing.need(Step.DISCARD)) return;
    if (!closing.need(Step.JOURNAL, new Effect.Journal(JournalEntry.NOTHING))) return;
    phase = Phase.ENDED;
    emit(new Effect.Finished(outcome, reason, text));
  }

  // --- parts of phases --------------------------------------------------------------------------

  /** Whether everything sent before the state was put away. */
  private boolean fenced() {
    boolean before = fenced;
    fenced |= !rules.on(FENCE_BEFORE_LOAD) || arrivals.storedOnLink() >= state.pagesBefore();
    if (fenced != before) {
      fencedAt = now;
    }
    return fenced;
  }

  /** Brings the address to where it is wanted, one step at a time. */
  private void address() {
    Steps both = closing;
    if (both.taken(Step.ANNOUNCE_ADDRESS) || both.taken(Step.WITHDRAW_ADDRESS)) {
      return;
    }
    if (both.done(Step.ANNOUNCE_ADDRESS)) {
      addressHere = true;
      addressUnsure = false;
    } else if (both.done(Step.WITHDRAW_ADDRESS)) {
      addressHere = false;
      addressUnsure = false;
    }
    both.again(Step.ANNOUNCE_ADDRESS);
    both.again(Step.WITHDRAW_ADDRESS);
    if (addressWanted && (!addressHere || addressUnsure) && !addressFailed) {
      both.need(Step.ANNOUNCE_ADDRESS);
    } else if (!addressWanted && (addressHere || addressUnsure) && !addressFailed) {
      both.need(Step.WITHDRAW_ADDRESS);
    } else if (addressWanted && addressCertain() && announceAttempt > 0 && link >= 0) {
      send(new Message.Announced(announceAttempt));
      announceAttempt = 0;
    }
  }

  private boolean addressCertain() {
    return addressHere
        && !addressUnsure
        && !closing.taken(Step.ANNOUNCE_ADDRESS)
        && !closing.taken(Step.WITHDRAW_ADDRESS);
  }

  private boolean addressQuiet() {
    return !addressHere
        && !addressUnsure
        && !closing.taken(Step.ANNOUNCE_ADDRESS)
        && !closing.taken(Step.WITHDRAW_ADDRESS);
  }

  /** What the source has to know, once a link. */
  private void say() {
    if (link < 0) {
      return;
    }
    if (!acceptedSaid && (steps.done(Step.PERSIST) || !rules.on(ACCEPT_BEFORE_CONT))) {
      acceptedSaid = true;
      send(new Message.Accepted(grant.epoch()));
    }
    if (!runningSaid && steps.done(Step.RESUME)) {
      runningSaid = true;
      long ago = resumedAt.isPresent() ? Math.max(0, now - resumedAt.getAsLong()) : -1;
      send(new Message.Running(grant.epoch(), ago));
    }
  }

  private boolean acceptedOrLater() {
    return switch (phase) {
      case ACCEPTING, RESUMING, FETCHING, COMPLETING, SETTLING, HOME, LOST -> true;
      case CONNECTING,
          PREPARING,
          RECEIVING,
          RESETTING,
          LOADING,
          STOPPING,
          DECLINING,
          DECLINED,
          WINDING_UP,
          ENDED ->
          false;
    };
  }

  /** This side cannot go on. If the grant is here, or comes, it is declined. */
  private void fail(Reason reason, String text) {
    this.reason = reason;
    this.text = text;
    addressWanted = false;
    phase = Phase.STOPPING;
  }

  /** The switch-over was undone at the source: a machine that loaded its state is void. */
  private void switchOverUndone() {
    addressWanted = false;
    announceAttempt = 0;
    boolean used = state != null;
    state = null;
    fenced = false;
    if (!rules.on(RESET_AFTER_ROLLBACK)) {
      steps.again(Step.FORGET);
      phase = Phase.RECEIVING;
    } else if (used) {
      phase = Phase.RESETTING;
    }
    arrivals.nothingMissing();
  }

  private Effect.Journal journal(JournalEntry.Intent intent) {
    return new Effect.Journal(new JournalEntry(intent, config.session(), 0));
  }

  // --- events -----------------------------------------------------------------------------------

  private void take(Event event) {
    switch (event) {
      case Event.LinkUp e -> linkUp(e.link());
      case Event.LinkDown e -> linkDown(e.link());
      case Event.Received e -> {
        if (e.link() == link) {
          received(e.lane(), e.message());
        }
      }
      case Event.Tick _ -> {
        closing.retryFailed();
        addressFailed = false;
        if (acceptedOrLater() || phase == Phase.PREPARING) {
          steps.retryFailed();
        }
      }
      case Event.Cancel e -> cancel(e.text());
      case Event.Done e -> done(e.step());
      case Event.Failed e -> failed(e.step(), e.reason(), e.text());
      case Event.Resumed e -> resumed(e.agoNanos());
      case Event.Persisted _ -> done(Step.PERSIST);
      case Event.Prepared e -> {
        lineage = e.lineage();
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

  private void linkUp(int newLink) {
    link = newLink;
    acceptedSaid = false;
    runningSaid = false;
    completeSaid = false;
    stopSaid = false;
    declineSaid = false;
    if (arrivals != null) {
      arrivals.newLink();
    }
    if (phase == Phase.CONNECTING) {
      send(new Message.Describe());
    } else if (begun && !beginAgain) {
      // Until the source has answered, nothing else is said but what cannot be misunderstood.
      send(resumeMessage());
    }
  }

  private Message.Resume resumeMessage() {
    Message.Resume.Standing standing = Message.Resume.Standing.RECEIVING;
    long epoch = -1;
    List<PageSet> missing = List.of();
    if (phase == Phase.DECLINED) {
      standing = Message.Resume.Standing.DECLINED;
      epoch = authority.epoch();
    } else if (acceptedOrLater() && authority instanceof Authority.Accepted) {
      boolean all = phase == Phase.COMPLETING;
      standing = all ? Message.Resume.Standing.COMPLETE : Message.Resume.Standing.ACCEPTED;
      epoch = authority.epoch();
      missing = all ? List.of() : arrivals.missingSets();
    }
    int attempt = state == null || phase == Phase.STOPPING ? 0 : state.attempt();
    return new Message.Resume(
        config.session(),
        config.destination(),
        standing,
        epoch,
        attempt,
        config.windowBytes(),
        missing);
  }

  private void linkDown(int lost) {
    if (lost != link) {
      return;
    }
    link = -1;
    droppedPages = false;
    if (phase == Phase.LOADING && !fenced) {
      state = null; // what it had to wait for will not arrive any more
      phase = Phase.RECEIVING;
    }
    if (!acceptedOrLater() && grant == null) {
      addressWanted = false; // the source may have taken it back; a grant announces it again
      announceAttempt = 0;
    }
  }

  private void cancel(String why) {
    switch (phase) {
      case CONNECTING -> {
        send(new Message.Stop(Reason.CANCELLED, why));
        reason = Reason.CANCELLED;
        text = why;
        phase = Phase.WINDING_UP;
      }
      case PREPARING -> fail(Reason.CANCELLED, why);
      case RECEIVING, RESETTING, LOADING -> {
        if (!begun) {
          fail(Reason.CANCELLED, why);
        } else {
          cancelWanted = true;
          text = why;
          if (link >= 0) {
            send(new Message.Stop(Reason.CANCELLED, why));
          }
        }
      }
      case ACCEPTING, RESUMING, FETCHING, COMPLETING, SETTLING, HOME, LOST ->
          emit(
              new Effect.Notice(
                  Reason.ALREADY_GRANTED, "not cancelled: the instance is granted to this host"));
      case STOPPING, DECLINING, DECLINED, WINDING_UP, ENDED -> {}
    }
  }

  private void done(Step step) {
    if (!steps.finish(step, true)) {
      boolean _ = closing.finish(step, true);
    }
    if (step == Step.FORGET && state != null) {
      arrivals.missing(state.stale());
    }
  }

  private void resumed(long agoNanos) {
    if (!steps.finish(Step.RESUME, true)) {
      return;
    }
    long at = now - agoNanos;
    resumedAt = OptionalLong.of(at);
    if (state != null) {
      long accepted = Math.max(loadedAt, grantedAt) + steps.took(Step.PERSIST);
      pause =
          Optional.of(
              new DestinationPause(
                  fencedAt - stateAt,
                  steps.took(Step.FORGET),
                  steps.took(Step.LOAD),
                  Math.max(0, grantedAt - loadedAt),
                  steps.took(Step.PERSIST),
                  at - accepted,
                  at - stateAt));
    }
  }

  private void failed(Step step, Reason why, String what) {
    emit(new Effect.Notice(why, step + " failed: " + what));
    if (step == Step.STORE) {
      storeFailed(why, what);
    } else if (step == Step.ANNOUNCE_ADDRESS || step == Step.WITHDRAW_ADDRESS) {
      closing.finish(step, false);
      addressFailed = true;
      addressUnsure = true; // it may have been done in part
      if (step == Step.ANNOUNCE_ADDRESS && !acceptedOrLater() && addressWanted) {
        fail(why, what);
      }
    } else if (steps.taken(step)) {
      boolean hook = step == Step.AFTER_RESUME || step == Step.STEP_CLOCK;
      steps.finish(step, hook);
      stepFailed(step, why, what);
    } else {
      closing.finish(step, false);
    }
  }

  private void stepFailed(Step step, Reason why, String what) {
    if (step == Step.RESUME && why == Reason.LOAD_FAILED) {
      // The machine is gone and has certainly never run: the only way back after acceptance.
      steps.again(Step.RESUME);
      fail(why, what);
    } else if (phase == Phase.PREPARING || phase == Phase.LOADING) {
      fail(why, step + " failed: " + what);
    }
  }

  private void storeFailed(Reason why, String what) {
    if (acceptedOrLater()) {
      emit(new Effect.Disconnect(link)); // what was not put away is asked for again on a new link
    } else if (phase != Phase.STOPPING && phase != Phase.WINDING_UP) {
      fail(why, what);
    }
  }

  private void pagesStored(Event.PagesStored e) {
    if (e.link() == link) {
      demands.stored(now, e.region(), e.firstPage(), e.pages());
      long total = arrivals.stored(e.lane(), e.region(), e.firstPage(), e.pages());
      send(new Message.Stored(e.lane(), total));
    }
  }

  private void wanted(Event.Wanted e) {
    if (!arrivals.inside(e.region(), e.firstPage(), e.pages())) {
      throw new IllegalArgumentException("wanted outside the region: " + e);
    }
    if (arrivals.wanted(e.region(), e.firstPage(), e.pages())) {
      demands.asked(now, e.region(), e.firstPage(), e.pages());
      demand(new Message.Demand(e.region(), e.firstPage(), e.pages()));
    }
  }

  private void demand(Message.Demand demand) {
    if (link >= 0) {
      emit(new Effect.Send(link, Lane.URGENT, demand));
    }
  }

  // --- messages ---------------------------------------------------------------------------------

  private void received(int lane, Message message) {
    switch (message) {
      case Message.Description m -> described(m);
      case Message.Continue m -> goOn(m);
      case Message.Pages m -> pages(lane, m, m.region(), m.firstPage(), m.pages());
      case Message.Zeroes m -> pages(lane, m, m.region(), m.firstPage(), m.pages());
      case Message.Announce m -> announce(m.attempt());
      case Message.State m -> state(m);
      case Message.Frames m -> emit(new Effect.Inject(m.frames()));
      case Message.Grant m -> granted(m);
      case Message.Withdrawn m -> withdrawn(m.epoch());
      case Message.Released m -> released(m.epoch());
      case Message.Figures m -> account = m.account();
      case Message.Stop m -> stopped(m);
      case Message.Ping m -> send(new Message.Pong(m.number()));
      case Message.Pong _ -> {}
      case Message.Describe _,
          Message.Begin _,
          Message.Resume _,
          Message.Stored _,
          Message.Demand _,
          Message.Announced _,
          Message.Accepted _,
          Message.Declined _,
          Message.Running _,
          Message.Complete _ ->
          broken("a source sent " + message.getClass().getSimpleName());
    }
  }

  private void described(Message.Description m) {
    if (phase != Phase.CONNECTING) {
      return;
    }
    boolean letGo =
        switch (authority) {
          case Authority.None _, Authority.Declined _, Authority.Released _ -> true;
          case Authority.Running _, Authority.Accepted _, Authority.Granted _ -> false;
        };
    if (!letGo || m.epoch() < authority.epoch()) {
      fail(
          Reason.NOT_AUTHORIZED,
          "the source offers epoch " + m.epoch() + ", here " + authority + " is known");
      return;
    }
    description = m;
    arrivals = new Arrivals(m.regions());
    phase = Phase.PREPARING;
  }

  private void goOn(Message.Continue m) {
    if (!m.session().equals(config.session())) {
      broken("continues session " + m.session());
      return;
    }
    switch (m.standing()) {
      case COPYING -> {
        if (phase == Phase.RECEIVING || phase == Phase.LOADING) {
          switchOverUndone();
        }
      }
      case GRANTED -> arrivals.demands().forEach(this::demand);
      case SERVING -> {
        acceptedSaid = true; // the source knows; it has answered to just that
        arrivals.demands().forEach(this::demand);
      }
      case RELEASED -> released(m.epoch());
    }
    if (cancelWanted && !acceptedOrLater()) {
      send(new Message.Stop(Reason.CANCELLED, text));
    }
  }

  private void pages(int lane, Message m, int region, long first, int count) {
    if (arrivals == null
        || !begun
        || lane < Lane.URGENT
        || !arrivals.inside(region, first, count)) {
      broken("pages on lane " + lane + " that nobody expects: " + region + "/" + first);
      return;
    }
    if (phase == Phase.RESETTING) {
      droppedPages = true; // the old machine may still write; and bytes do not outlive this call
      return;
    }
    boolean onlyAbsent = fenced && rules.on(NO_OVERWRITE_PRESENT_AFTER_CONT);
    boolean warm = !fenced || !rules.on(NO_STORE_AFTER_CONT);
    emit(new Effect.Store(link, lane, m, onlyAbsent, warm));
  }

  private void announce(int attempt) {
    if (phase == Phase.RECEIVING) {
      addressWanted = true;
      announceAttempt = attempt;
    }
  }

  private void state(Message.State m) {
    if (phase != Phase.RECEIVING) {
      return; // of a destination that stops: it waits for the grant, to decline it
    }
    if (!arrivals.inside(m.stale())) {
      broken("stale pages outside the regions");
      return;
    }
    state = m;
    stateAt = now;
    loadedAt = 0;
    fenced = false;
    phase = Phase.LOADING;
  }

  private void granted(Message.Grant m) {
    if (m.epoch() <= authority.epoch() && rules.on(EPOCH_CHECK)) {
      if (m.epoch() == authority.epoch()) {
        acceptedSaid &= !(authority instanceof Authority.Accepted);
        declineSaid &= !(authority instanceof Authority.Declined);
      }
      return;
    }
    if (!m.session().equals(config.session())) {
      broken("granted to session " + m.session());
      return;
    }
    if (acceptedOrLater()) {
      return;
    }
    grant = m;
    grantedAt = now;
    boolean loaded = phase == Phase.LOADING && state.attempt() == m.attempt();
    if (!loaded && phase != Phase.STOPPING && phase != Phase.DECLINED && phase != Phase.DECLINING) {
      fail(Reason.LOAD_FAILED, "granted without the state of switch-over " + m.attempt());
    }
  }

  private void withdrawn(long epoch) {
    if (phase == Phase.DECLINED && authority.epoch() == epoch) {
      phase = Phase.WINDING_UP;
    }
  }

  private void released(long epoch) {
    if (phase == Phase.COMPLETING && authority.epoch() == epoch) {
      phase = Phase.SETTLING;
    }
  }

  private void stopped(Message.Stop m) {
    switch (phase) {
      case CONNECTING, PREPARING, STOPPING -> {
        if (m.reason() == Reason.ALREADY_GRANTED) {
          return; // the grant is on its way, and will be declined
        }
        if (phase != Phase.STOPPING) {
          reason = m.reason();
          text = m.text();
        }
        phase = Phase.WINDING_UP;
      }
      case RECEIVING, RESETTING, LOADING -> {
        if (m.reason() == Reason.ALREADY_GRANTED) {
          cancelWanted = false;
          emit(new Effect.Notice(m.reason(), "not cancelled: " + m.text()));
        } else if (m.reason() == Reason.UNKNOWN_SESSION && lineage != null && !cancelWanted) {
          beginAgain = true; // the source was started again, or never heard of the session
          switchOverUndone();
        } else {
          reason = m.reason();
          text = m.text();
          phase = Phase.WINDING_UP;
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
          emit(new Effect.Notice(m.reason(), "the source says: " + m.text()));
    }
  }

  private void broken(String what) {
    emit(new Effect.Notice(Reason.PROTOCOL, what));
    emit(new Effect.Disconnect(link));
    if (!acceptedOrLater()
        && phase != Phase.DECLINED
        && phase != Phase.DECLINING
        && phase != Phase.WINDING_UP
        && phase != Phase.ENDED) {
      fail(Reason.PROTOCOL, what);
    }
  }

  // --- what is told -----------------------------------------------------------------------------

  private void send(Message message) {
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

  /** The source's figures, once it has sent them. */
  public Optional<Account> account() {
    return Optional.ofNullable(account);
  }

  /** This side's share of the pause, once the guest runs; empty after a restart in between. */
  public Optional<DestinationPause> pause() {
    return pause;
  }

  /** Pages that readers waited for. */
  public long demandedPages() {
    return demands.demanded();
  }

  /** How long the first page that a reader waited for took to arrive, in ns; -1 for none. */
  public long firstAnswerNanos() {
    return demands.firstAnswerNanos();
  }

  /** The name of the phase, as in the state diagram. */
  public String phase() {
    return phase.name();
  }

  /** What this side can say about itself now. */
  public Status status() {
    boolean unknown = phase == Phase.LOADING && fenced || phase == Phase.STOPPING && begun;
    long missing = arrivals == null ? 0 : arrivals.missingPages();
    String name = unknown && link < 0 ? "GRANT_UNKNOWN" : phase.name();
    return new Status(
        name, authority.epoch(), link >= 0, unknown && link < 0, false, missing, sentence());
  }

  private String sentence() {
    return switch (phase) {
      case CONNECTING, PREPARING -> "preparing to take the instance over";
      case RECEIVING, RESETTING -> "receiving pages; the instance runs at the source";
      case LOADING ->
          link >= 0
              ? "loading the device state"
              : "the state is here, the link is lost: only the source knows whether it has granted"
                  + " the instance; it runs on neither side or at the source until the link is back";
      case ACCEPTING, RESUMING -> "accepted epoch " + authority.epoch() + "; about to run";
      case FETCHING ->
          "the instance runs here, " + arrivals.missingPages() + " pages are still at the source";
      case COMPLETING, SETTLING -> "the instance runs here, all of it; telling the source";
      case HOME -> "the instance is here";
      case STOPPING -> "stopping: " + text + "; waiting to hear from the source";
      case DECLINING, DECLINED -> "declined: " + text;
      case WINDING_UP, ENDED -> "ended: " + text;
      case LOST -> "the machine is gone after it had been accepted here";
    };
  }
}
