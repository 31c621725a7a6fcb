package dev.architekt.simulation;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.Bitmaps;
import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.KeptState;
import dev.architekt.migration.core.MachineFound;
import dev.architekt.migration.core.Recovered;
import dev.architekt.migration.core.SourceConfig;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.region.PageBitmap;
import dev.architekt.testkit.SimLink;
import dev.architekt.testkit.SimMachine;
import dev.architekt.testkit.SimStore;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * One host: a shell that executes a core's effects on fakes. What it keeps in {@code core}, {@code
 * links} and {@code pending} dies with the node process; the rest lives on.
 */
final class SimHost implements SimLink.End {
  static final int MEMORY = 0;

  /** A step in hand. A crash may come before or after it has taken effect. */
  record Pending(Step step, Runnable action) {}

  final World world;
  final String name;
  final UUID id;
  final SimStore[] stores;
  final SimMachine machine;
  Authority authority;
  JournalEntry journal = JournalEntry.NOTHING;
  private Optional<KeptState> kept = Optional.empty();
  private Optional<KeptState> keptDurable = Optional.empty();
  private boolean lostPower;
  boolean announces;

  boolean up = true;
  SourceCore source;
  DestinationCore destination;
  final Map<Integer, SimLink> links = new HashMap<>();
  final List<Pending> pending = new ArrayList<>();
  private final HostPages pages;
  private int incarnation;

  SimHost(World world, String name, Authority authority) {
    this.world = world;
    this.name = name;
    this.id = new UUID(7, name.hashCode());
    this.authority = authority;
    int[] sizes = world.shape.pages();
    this.stores = new SimStore[] {new SimStore(sizes[0]), new SimStore(sizes[1])};
    this.machine = new SimMachine(stores[MEMORY]);
    this.pages = new HostPages(this);
  }

  boolean hasCore() {
    return source != null || destination != null;
  }

  boolean pendingPersist() {
    return pending.stream().anyMatch(p -> p.step() == Step.PERSIST);
  }

  String phase() {
    if (source != null) return source.phase();
    return destination != null ? destination.phase() : up ? "-" : "down";
  }

  // --- events in --------------------------------------------------------------------------------

  void tell(Event event) {
    if (!up || !hasCore()) {
      return;
    }
    if (world.tracing()) {
      world.trace(name + " <- " + brief(event));
    }
    List<Effect> effects =
        source != null
            ? source.handle(world.agenda.now(), event)
            : destination.handle(world.agenda.now(), event);
    for (Effect effect : effects) {
      if (world.tracing()) {
        world.trace(name + " -> " + brief(effect) + " [" + phase() + "]");
      }
      execute(effect);
    }
    if (source != null && source.phase().equals("RESTORING")) {
      source = RemadeMachine.of(this, kept);
    }
  }

  private static String brief(Object thing) {
    String text = thing.toString();
    return text.length() > 260 ? text.substring(0, 260) + "…" : text;
  }

  @Override
  public void received(SimLink link, int lane, Message message) {
    tell(new Event.Received(link.number, lane, message));
    world.faults().messageArrived();
  }

  @Override
  public void down(SimLink link) {
    if (links.remove(link.number) != null) {
      pages.finishStores();
      tell(new Event.LinkDown(link.number));
    }
    world.dialSoon(this);
  }

  // --- crashes ----------------------------------------------------------------------------------

  /** kill -9 of the node process: each step in hand has taken effect, or has not. */
  void crash() {
    incarnation++;
    up = false;
    List<Pending> inHand = List.copyOf(pending);
    pending.clear();
    for (Pending p : inHand) {
      if (p.step() != Step.STORE && world.dice.percent(50)) {
        p.action().run();
      }
    }
    source = null;
    destination = null;
    pages.forgetLoad();
    List.copyOf(links.values()).forEach(link -> link.lose(20 * Shape.MS));
    links.clear();
  }

  /** The host loses power: the machine is gone, and so is everything that was not flushed. */
  void losePower() {
    crash();
    lostPower = true;
    kept = keptDurable;
    for (SimStore store : stores) {
      store.losePower();
    }
    machine.end(
        machine.state() == SimMachine.State.NONE ? SimMachine.State.NONE : SimMachine.State.GONE);
    announces = false;
  }

  /** The hypervisor process dies by itself; what it had dirty is gone with it. */
  void killMachine() {
    machine.end(SimMachine.State.GONE);
    tell(new Event.MachineGone());
  }

  void start() {
    up = true;
    mustBeDeliverable();
    MachineFound found =
        switch (machine.state()) {
          case RUNNING -> MachineFound.RUNNING;
          case PAUSED -> MachineFound.PAUSED;
          case NONE, WAITING, GONE -> MachineFound.GONE;
        };
    switch (authority) {
      case Authority.Running _ when this == world.a ->
          source = SourceCore.recover(config(), authority, journal, found, kept, world.rules);
      case Authority.Granted _ ->
          source = SourceCore.recover(config(), authority, journal, found, kept, world.rules);
      case Authority.Released _ when this == world.a ->
          source = SourceCore.recover(config(), authority, journal, found, kept, world.rules);
      case Authority _ -> {
        if (authority instanceof Authority.Running) {
          world.home = this;
        }
        boolean unsettled = journal.intent() == JournalEntry.Intent.RECEIVING;
        if (unsettled || authority instanceof Authority.Accepted) {
          destination = DestinationCore.recover(id, World.WINDOW, 0, recovered(found), world.rules);
          world.dialSoon(this);
        }
      }
    }
    tell(new Event.Tick());
  }

  /** A grant that is on file can be delivered by whoever comes after the process that made it. */
  private void mustBeDeliverable() {
    if (authority instanceof Authority.Granted granted && !lostPower) {
      boolean is = kept.isPresent() && kept.get().attempt() == granted.attempt();
      if (!is || !kept.get().session().equals(granted.session())) {
        throw new Violation(name + " has granted, and nothing is kept to deliver: " + granted);
      }
    }
  }

  private Recovered recovered(MachineFound found) {
    List<PageBitmap> missing =
        authority instanceof Authority.Accepted
            ? List.of(stores[0].missing(), stores[1].missing())
            : List.of();
    return new Recovered(authority, journal, found, world.shape.regions(), missing);
  }

  SourceConfig config() {
    return SourceConfig.of(World.INSTANCE, Map.of(), world.shape.regions(), "10.0.0.2");
  }

  // --- effects out ------------------------------------------------------------------------------

  private void execute(Effect effect) {
    switch (effect) {
      case Effect.Send e -> {
        SimLink link = links.get(e.link());
        if (link != null) {
          link.send(this, e.lane(), e.message());
        }
      }
      case Effect.SendExtent e -> pages.send(e);
      case Effect.Take e -> take(e.step());
      case Effect.Journal e -> step(Step.JOURNAL, () -> journal = e.entry(), null);
      case Effect.Persist e ->
          step(
              Step.PERSIST,
              () -> authority = e.authority(),
              () -> new Event.Persisted(e.authority()));
      case Effect.Keep e -> step(Step.KEEP_STATE, () -> kept = Optional.of(e.state()), null);
      case Effect.StartTracking e -> {
        List<PageBitmap> changed = new ArrayList<>();
        step(
            Step.TRACK,
            () -> {
              for (int region = 0; region < stores.length; region++) {
                stores[region].collectDirty();
                changed.add(stores[region].changedSince(e.lineage().get(region)));
              }
            },
            () -> new Event.Tracking(changed));
      }
      case Effect.Prepare _ ->
          step(
              Step.PREPARE,
              () -> {
                machine.state(SimMachine.State.WAITING);
                pages.warm();
              },
              () -> new Event.Prepared(world.lineageOf(this)));
      case Effect.Store e -> pages.store(e);
      case Effect.Forget e ->
          step(
              Step.FORGET,
              () ->
                  e.stale()
                      .forEach(set -> {
                        PageBitmap map = Bitmaps.clear(stores[set.region()].pages());
                        Bitmaps.add(set, map);
                        stores[set.region()].forget(map);
                        for (int page = 0; set.region() == MEMORY && page < map.pages(); page++) {
                          if (map.get(page)) {
                            machine.invalidate(page);
                          }
                        }
                      }),
              null);
      case Effect.Load e -> pages.load(e);
      case Effect.Inject _ -> {}
      case Effect.Disconnect e -> {
        SimLink link = links.get(e.link());
        if (link != null) {
          link.lose(Shape.MS);
        }
      }
      case Effect.Notice _, Effect.Limit _, Effect.Told _ -> {}
      case Effect.Finished e -> world.finished(this, e);
    }
  }

  /** Asks for a step: it takes a while, and may fail, before or after it has taken effect. */
  private void step(Step step, Runnable action, Supplier<Event> done) {
    Fault failure = world.faults().failureOf(step);
    long nanos = world.faults().durationOf(step);
    Pending inHand = new Pending(step, action);
    pending.add(inHand);
    world.agenda.in(
        nanos,
        () -> {
          if (!removeSame(inHand)) {
            return; // the process that asked is gone
          }
          if (failure != null) {
            if (world.dice.percent(30) && step != Step.LOAD && step != Step.RESUME) {
              action.run();
            }
            Reason reason =
                step == Step.LOAD
                    ? Reason.LOAD_FAILED
                    : failure == Fault.DISK_FAILS ? Reason.STORAGE : Reason.HYPERVISOR;
            tell(new Event.Failed(step, reason, "injected"));
            return;
          }
          action.run();
          tell(done == null ? new Event.Done(step) : done.get());
        });
  }

  /** Takes a step out of hand; false when the process that asked is gone. */
  boolean removeSame(Pending one) {
    for (int i = 0; i < pending.size(); i++) {
      if (pending.get(i) == one) {
        pending.remove(i);
        return true;
      }
    }
    return false;
  }

  private void take(Step step) {
    switch (step) {
      case COLLECT -> collect();
      case CEDE_ADDRESS, WITHDRAW_ADDRESS -> step(step, () -> announces = false, null);
      case RECLAIM_ADDRESS, ANNOUNCE_ADDRESS -> step(step, () -> announces = true, null);
      case PAUSE ->
          step(step, () -> machine.state(SimMachine.State.PAUSED), () -> new Event.Stopped(0));
      case SAVE_STATE -> saveState();
      case DRAIN_TAP -> step(step, () -> {}, () -> new Event.TapDrained(List.of(new byte[] {1})));
      case RELEASE -> step(step, () -> world.release(this), null);
      case RESET_MACHINE -> endMachine(step, SimMachine.State.WAITING);
      case DISCARD -> endMachine(step, SimMachine.State.NONE);
      case RESUME ->
          step(step, () -> world.run(this), source != null ? null : () -> new Event.Resumed(0));
      case BEFORE_SUSPEND, AFTER_RESUME, STEP_CLOCK -> step(step, () -> {}, null);
      case FLUSH_REGIONS ->
          step(
              step,
              () -> {
                for (SimStore store : stores) {
                  store.flush();
                }
                keptDurable = kept;
              },
              null);
      case JOURNAL, PERSIST, TRACK, KEEP_STATE, SEND, PREPARE, STORE, FORGET, LOAD ->
          throw new IllegalStateException("not a step by name: " + step);
    }
  }

  private void saveState() {
    var device = MemorySegment.ofArray(new long[] {machine.cpu()});
    step(
        Step.SAVE_STATE,
        () -> {
          if (!machine.takeState()) {
            throw new Violation(name + " takes the state of a machine twice in one pause");
          }
        },
        () -> new Event.StateSaved(device, world.agenda.now()));
  }

  private void collect() {
    List<PageBitmap> dirty = new ArrayList<>();
    step(
        Step.COLLECT,
        () -> {
          machine.flush(authority.epoch());
          for (SimStore store : stores) {
            dirty.add(store.collectDirty());
          }
        },
        () -> new Event.Dirty(dirty));
  }

  private void endMachine(Step step, SimMachine.State next) {
    pages.endLoad();
    step(step, () -> machine.end(next), null);
  }

  void want(int region, int page) {
    tell(new Event.Wanted(region, page, 1));
  }

  /** The action, unless the process has died meanwhile. */
  Runnable guarded(Runnable action) {
    int asked = incarnation;
    return () -> {
      if (asked == incarnation) {
        action.run();
      }
    };
  }
}
