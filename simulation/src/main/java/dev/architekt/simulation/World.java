package dev.architekt.simulation;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.DestinationConfig;
import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.InvariantViolation;
import dev.architekt.migration.core.Outcome;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.rules.SafetyRule;
import dev.architekt.migration.core.rules.SafetyRules;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Strategy;
import dev.architekt.testkit.Agenda;
import dev.architekt.testkit.Dice;
import dev.architekt.testkit.SimGuest;
import dev.architekt.testkit.SimLink;
import dev.architekt.testkit.SimMachine;
import dev.architekt.testkit.SimStore;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** One run: an instance that must get from host A to one of two others, whatever happens. */
final class World {
  static final UUID INSTANCE = new UUID(1, 1);
  static final long WINDOW = 2L << 20;
  private static final long GIVE_UP = 900_000 * Shape.MS;
  private static final MemorySegment BYTES =
      MemorySegment.ofArray(new byte[Bounds.DATA_PAGES_MAX * Bounds.PAGE_BYTES]);

  final Agenda agenda = new Agenda();
  final Dice dice;
  final Shape shape;
  final SafetyRules rules;
  final SimGuest guest;
  final SimHost a;
  private final List<SimHost> others;
  private final Consumer<String> trace;
  private final IdentityHashMap<Message, long[]> versions = new IdentityHashMap<>();
  private final Faults faults;
  private final GuestLoad load;
  final List<SimLink> allLinks = new ArrayList<>();

  SimHost target;
  SimHost home;
  private int linkNumber;
  private int attempts;
  private long messages;

  World(long seed, SafetyRules rules, Coverage coverage, Consumer<String> trace) {
    this.dice = new Dice(seed);
    this.rules = rules;
    this.trace = trace;
    this.shape = Shape.of(dice);
    this.faults = new Faults(this, new FaultPlan(dice), coverage);
    this.guest = new SimGuest(shape.pages());
    this.load = new GuestLoad(this);
    Authority.Running running = new Authority.Running(1);
    this.a = new SimHost(this, "A", running);
    this.others =
        List.of(
            new SimHost(this, "B", new Authority.None()),
            new SimHost(this, "C", new Authority.None()));
    a.source = new SourceCore(a.config(), running, rules);
    a.announces = true;
    a.machine.state(SimMachine.State.RUNNING);
    fill();
  }

  /** Content before the run: host A has all of it, and perhaps B as it was one epoch ago. */
  private void fill() {
    for (int region = 0; region < a.stores.length; region++) {
      SimStore store = a.stores[region];
      for (int page = 0; page < store.pages(); page++) {
        boolean written = dice.percent(50);
        store.write(page, written ? guest.write(region, page) : 0, 0);
        if (shape.lineage()) {
          others.getFirst().stores[region].receive(page, store.read(page), false);
        }
      }
      for (int page = 0; page < store.pages(); page++) {
        if (dice.percent(20)) {
          store.write(page, guest.write(region, page), 1);
        }
      }
      store.flush();
      others.getFirst().stores[region].flush();
    }
    a.machine.cpu(guest.progress());
  }

  List<Long> lineageOf(SimHost host) {
    boolean held = shape.lineage() && host == others.getFirst();
    return held ? List.of(0L, 0L) : List.of(-1L, -1L);
  }

  List<SimHost> hosts() {
    return List.of(a, others.get(0), others.get(1));
  }

  Faults faults() {
    return faults;
  }

  // --- the run ----------------------------------------------------------------------------------

  Result run() {
    agenda.in(0, this::startMigration);
    agenda.in(shape.guestNanos(), load::step);
    agenda.in(250 * Shape.MS, this::tick);
    while (!settled()) {
      if (agenda.now() > GIVE_UP || !agenda.step()) {
        throw new Violation("stuck after " + agenda.now() / Shape.MS + " ms: " + standings());
      }
    }
    checkEnd();
    for (SimLink link : allLinks) {
      messages += link.delivered();
    }
    return new Result(messages, faults.count(), attempts);
  }

  private boolean settled() {
    return lost()
        || home != null
            && a.source != null
            && a.up
            && a.source.phase().equals("RELEASED")
            && others.stream().allMatch(h -> h.up && h.destination == null);
  }

  /** The machine died after the grant, and the destination has declined: nothing is left to run. */
  private boolean lost() {
    return faults.machineDied()
        && a.source != null
        && a.source.phase().equals("LOST")
        && others.stream().allMatch(h -> h.up && h.destination == null);
  }

  private void startMigration() {
    if (home != null || a.source == null || !a.source.phase().equals("RUNNING")) {
      return;
    }
    for (SimHost host : others) {
      boolean waitsToSettle =
          host.destination != null && host.destination.phase().equals("DECLINED");
      if (host.destination != null && !waitsToSettle) {
        return;
      }
    }
    List<SimHost> free = others.stream().filter(h -> h.up && h.destination == null).toList();
    if (free.isEmpty()) {
      return;
    }
    attempts++;
    target = dice.of(free);
    Strategy strategy = dice.of(List.of(Strategy.values()));
    UUID session = new UUID(dice.between(0, 1L << 60), attempts);
    long limit = dice.percent(20) ? Bounds.LIMIT_MIN : 0;
    long giveUp = dice.percent(20) ? dice.between(20, 3_000) * Shape.MS : 0;
    DestinationConfig config =
        new DestinationConfig(
            session, target.id, strategy, dice.between(5, 200) * Shape.MS, WINDOW, limit, giveUp);
    trace("start " + attempts + ": A to " + target.name + " " + strategy);
    target.destination = new DestinationCore(config, target.authority, rules);
    dialSoon(target);
  }

  void finished(SimHost host, Effect.Finished e) {
    if (host == a) {
      return;
    }
    if (e.outcome() == Outcome.MOVED) {
      home = host;
    }
    agenda.in(
        0,
        () -> {
          if (host.destination != null
              && (host.destination.phase().equals("ENDED")
                  || host.destination.phase().equals("HOME"))) {
            host.destination = null;
            host.links.values().forEach(link -> link.lose(Shape.MS));
          }
        });
  }

  private void tick() {
    agenda.in(250 * Shape.MS, this::tick);
    for (SimHost host : hosts()) {
      host.tell(new Event.Tick());
      if (host.destination != null && host.destination.phase().equals("ENDED")) {
        host.destination = null;
      }
    }
    startMigration();
  }

  /** The destination dials whenever it has no link, until the source can be reached. */
  void dialSoon(SimHost host) {
    if (host == a) {
      return;
    }
    long wait = dice.percent(5) ? 40_000 * Shape.MS : dice.between(1, 300) * Shape.MS;
    agenda.in(wait, () -> dial(host));
  }

  private void dial(SimHost host) {
    if (!host.up || host.destination == null || !host.links.isEmpty()) {
      return;
    }
    if (!a.up) {
      dialSoon(host);
      return;
    }
    SimLink link =
        new SimLink(++linkNumber, agenda, dice, a, host, shape.latencyNanos(), shape.jitterNanos());
    allLinks.add(link);
    a.links.put(link.number, link);
    host.links.put(link.number, link);
    a.tell(new Event.LinkUp(link.number, shape.bulkLanes()));
    host.tell(new Event.LinkUp(link.number, shape.bulkLanes()));
  }

  /** The last acknowledged version is what a reader must find. */
  void mustBe(SimHost host, int region, int page, long version) {
    if (version != guest.expected(region, page)) {
      throw new Violation(
          "lost write: host "
              + host.name
              + " region "
              + region
              + " page "
              + page
              + " has version "
              + version
              + ", acknowledged was "
              + guest.expected(region, page));
    }
  }

  // --- what hosts ask ---------------------------------------------------------------------------

  /** Lets the machine of a host run; the newest state only, and nowhere else. */
  void run(SimHost host) {
    if (host.machine.state() == SimMachine.State.RUNNING) {
      return;
    }
    if (host.machine.state() != SimMachine.State.PAUSED) {
      throw new Violation("host " + host.name + " runs a machine that is " + host.machine.state());
    }
    for (SimHost other : hosts()) {
      if (other != host && other.machine.state() == SimMachine.State.RUNNING) {
        throw new Violation("two running: " + host.name + " and " + other.name);
      }
    }
    if (host.machine.cpu() != guest.progress()) {
      throw new Violation("host " + host.name + " runs an old state");
    }
    trace(host.name + " RUNS");
    host.machine.state(SimMachine.State.RUNNING);
  }

  /** The source lets go: everything must be durable elsewhere. Nothing is left to serve from. */
  void release(SimHost host) {
    SimHost holder = null;
    for (SimHost other : others) {
      boolean accepted =
          other.authority instanceof Authority.Accepted
              || other.authority instanceof Authority.Running;
      holder = accepted ? other : holder;
    }
    if (holder == null) {
      throw new Violation("released, and nobody has accepted");
    }
    for (int region = 0; region < host.stores.length; region++) {
      for (int page = 0; page < host.stores[region].pages(); page++) {
        if (!holder.stores[region].durablyHas(page)) {
          throw new Violation("released, and page " + page + " is not durable at " + holder.name);
        }
      }
      host.stores[region].forgetAll();
    }
    host.machine.end(SimMachine.State.NONE);
  }

  Message pages(Effect.SendExtent e, int from, long[] content) {
    Message.Pages message =
        new Message.Pages(
            e.region(),
            e.firstPage() + from,
            content.length,
            e.round(),
            e.settled(),
            BYTES.asSlice(0, (long) content.length * Bounds.PAGE_BYTES));
    versions.put(message, content);
    return message;
  }

  long[] versionsOf(Message message) {
    return versions.get(message);
  }

  boolean warmAnyway() {
    return !rules.on(SafetyRule.NO_STORE_AFTER_CONT);
  }

  // --- the end ----------------------------------------------------------------------------------

  private void checkEnd() {
    if (lost()) {
      checkNobodyRuns();
      return;
    }
    for (SimHost other : hosts()) {
      boolean here = other == home;
      boolean runs = other.machine.state() == SimMachine.State.RUNNING;
      if (here != runs || here != other.announces) {
        throw new Violation("at the end: " + standings());
      }
      if (here != other.authority instanceof Authority.Running) {
        throw new Violation("at the end: " + other.name + " has " + other.authority);
      }
    }
    for (int page = 0; page < shape.memoryPages(); page++) {
      mustBe(home, SimHost.MEMORY, page, home.machine.read(page));
    }
    for (int page = 0; page < shape.diskPages(); page++) {
      mustBe(home, 1, page, home.stores[1].read(page));
    }
  }

  private void checkNobodyRuns() {
    for (SimHost host : hosts()) {
      boolean may = host != a && host.authority instanceof Authority.Accepted;
      if (may || host.machine.state() == SimMachine.State.RUNNING) {
        throw new Violation("lost at the source, and yet: " + standings());
      }
    }
  }

  private String standings() {
    StringBuilder text = new StringBuilder();
    for (SimHost host : hosts()) {
      text.append(host.name).append(": ").append(host.phase()).append(", machine ");
      text.append(host.machine.state()).append(", ").append(host.authority);
      text.append(host.announces ? ", announces; " : "; ");
    }
    return text.toString();
  }

  boolean tracing() {
    return trace != null;
  }

  void trace(String line) {
    if (trace != null) {
      trace.accept(String.format("%12.3f ms  %s", agenda.now() / 1e6, line));
    }
  }

  /** What one run came to. */
  record Result(long messages, long faults, int attempts) {}

  /**
   * Runs one seed; a broken promise is thrown as {@link Violation} or {@link InvariantViolation}.
   */
  static Result run(long seed, SafetyRules rules, Coverage coverage, Consumer<String> trace) {
    return new World(seed, rules, coverage, trace).run();
  }
}
