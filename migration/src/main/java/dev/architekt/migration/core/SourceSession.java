package dev.architekt.migration.core;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Strategy;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** What a source remembers of one session: who, how fast, how far. */
final class SourceSession {
  final UUID id;
  final UUID destination;
  final SwitchDecision decision;
  final List<Long> lineage;
  final PageLedger ledger;
  final InFlight inFlight = new InFlight();

  int link = -1;
  int bulkLanes = 1;
  long windowPages;
  long linkLostAt;

  // Rounds, and what was measured in them.
  int rounds;
  long leftBefore = Long.MAX_VALUE;
  long collectedAt;
  long measuredAt;
  long measuredPages;
  long bytesPerSecond;
  long dirtyPagesPerSecond;
  private boolean bandwidthMeasured;
  private long roundNanos;
  SwitchReason switchReason;

  // The switch-over.
  int attempt;
  long switchStartedAt;
  boolean announceSent;
  long announceSentAt;
  private boolean far;
  boolean announced;
  boolean settled;
  boolean gathered;
  long budgetPages;
  PauseClock pause = new PauseClock();
  MemorySegment device;
  long stoppedAtUnixNanos;
  final List<byte[]> frames = new ArrayList<>();
  boolean stateSent;
  boolean stateNeeded;
  boolean grantSent;

  // Figures; none when another process began the session.
  boolean recovered;
  long dataPages;
  long zeroPages;
  long elidedPages;
  long stalePages;
  long wireBytes;

  SourceSession(
      UUID id,
      UUID destination,
      SwitchDecision decision,
      List<Long> lineage,
      PageLedger ledger,
      long bytesPerSecondAssumed) {
    this.id = id;
    this.destination = destination;
    this.decision = decision;
    this.lineage = lineage;
    this.ledger = ledger;
    this.bytesPerSecond = bytesPerSecondAssumed;
  }

  /** A session of which the durable grant and what was kept for it are left. */
  static SourceSession recovered(
      Authority.Granted granted, Optional<KeptState> found, PageLedger ledger) {
    Optional<KeptState> kept =
        found.filter(
            k -> k.session().equals(granted.session()) && k.attempt() == granted.attempt());
    kept.ifPresentOrElse(k -> ledger.replace(k.missing()), ledger::all);
    SourceSession session =
        new SourceSession(
            granted.session(),
            granted.to(),
            new SwitchDecision(Strategy.AUTO, 0, 0),
            List.of(),
            ledger,
            1);
    session.attempt = granted.attempt();
    session.settled = true;
    session.recovered = true;
    kept.ifPresent(k -> {
      session.device = k.device();
      session.stoppedAtUnixNanos = k.stoppedAtUnixNanos();
      session.frames.addAll(k.frames());
    });
    return session;
  }

  KeptState kept() {
    return new KeptState(id, attempt, stoppedAtUnixNanos, ledger.owed(inFlight), frames, device);
  }

  boolean linked() {
    return link >= 0;
  }

  void linkUp(int link, int bulkLanes, long windowBytes) {
    this.link = link;
    this.bulkLanes = bulkLanes;
    this.windowPages = windowBytes / Bounds.PAGE_BYTES;
    this.measuredAt = 0;
  }

  /** Forgets the link, and what was to be said on it is to be said again. */
  void linkLost(long now) {
    link = -1;
    linkLostAt = now;
    stateSent = false;
    grantSent = false;
  }

  /**
   * What was on the way when the link was lost is known now: a part of it has arrived, and the rest
   * is to go again.
   *
   * @param stored pages stored on each lane of the lost link; empty when nobody knows
   */
  void resolve(List<Long> stored, boolean resend) {
    for (int lane = 0; lane < stored.size(); lane++) {
      // What cannot be is of another link, on which nothing was sent.
      long _ = inFlight.stored(lane, stored.get(lane));
    }
    inFlight.lost(resend ? ledger::needed : (region, first, pages) -> {});
  }

  /** A switch-over begins, or was undone. */
  void resetSwitch() {
    announceSent = false;
    announced = false;
    settled = false;
    gathered = false;
    pause = new PauseClock();
    device = null;
    frames.clear();
    stateSent = false;
    stateNeeded = false;
    grantSent = false;
  }

  /**
   * An announcement that takes so long has come over a long line. Nearer by, the control lane is
   * the faster one: the kernel keeps the queues of bulk lanes short there, so that a writer may
   * wait for an acknowledgement that the reader's kernel delays for 40 ms.
   */
  private static final long FAR_NANOS = 40_000_000;

  /** The destination has announced the address: what that took says how far away it is. */
  void announced(long now) {
    announced = true;
    far = mayBeFar(now);
    budgetPages =
        Math.max(budgetPages, decision.pagesOfARoundTrip(now - announceSentAt, bytesPerSecond));
  }

  /** Whether the announcement has taken as long already as over a long line. */
  boolean mayBeFar(long now) {
    return now - announceSentAt >= FAR_NANOS;
  }

  /** The lane of the device state, and of the grant behind it. */
  int stateLane() {
    return far ? Lane.ofState(bulkLanes) : Lane.CONTROL;
  }

  /** Pages that are to be sent, or on the way. */
  long left() {
    return ledger.pending() + inFlight.pages();
  }

  /** Bandwidth counts pages with data only: a zero page is a flag. */
  void measureBandwidth(long now) {
    if (measuredAt != 0 && dataPages - measuredPages >= MEASURED_PAGES_MIN && now > measuredAt) {
      double seconds = (now - measuredAt) / 1e9;
      bytesPerSecond =
          Math.max(1, (long) ((dataPages - measuredPages) * (double) Bounds.PAGE_BYTES / seconds));
      bandwidthMeasured = true;
    }
    measuredAt = now;
    measuredPages = dataPages;
  }

  /** Fewer pages than this measure latency, not bandwidth. */
  private static final long MEASURED_PAGES_MIN = 128;

  void measureDirt(long now, long pages) {
    long nanos = Math.max(1, now - collectedAt);
    roundNanos = nanos;
    dirtyPagesPerSecond = (long) Math.min(1e15, pages * 1e9 / nanos);
    collectedAt = now;
  }

  /** A first round of a return is short, and ends with what the guest dirtied long before it. */
  private static final long ROUND_NANOS_MIN = 100_000_000;

  /** Whether both rates say something: neither is assumed, nor taken over a moment. */
  boolean measured() {
    return bandwidthMeasured && rounds > 1 && roundNanos >= ROUND_NANOS_MIN;
  }

  /** How the copying goes, for people. */
  String roundText() {
    double dirtied = dirtyPagesPerSecond * (double) Bounds.PAGE_BYTES;
    return rounds == 0
        ? "pages are copied, round 0"
        : String.format(
            Locale.ROOT,
            "pages are copied, round %d; the guest dirties %.1f MB/s, the line carries %.1f MB/s",
            rounds,
            dirtied / 1e6,
            bytesPerSecond / 1e6);
  }

  Account account(Steps steps) {
    if (recovered) {
      return Account.unknown("it was taken up again after a restart");
    }
    return new Account(
        rounds,
        dataPages,
        zeroPages,
        elidedPages,
        stalePages,
        wireBytes,
        dirtyPagesPerSecond,
        bytesPerSecond,
        switchReason == null ? "" : switchReason.text(),
        pause.pauseNanos(),
        pause.parts(steps));
  }
}
