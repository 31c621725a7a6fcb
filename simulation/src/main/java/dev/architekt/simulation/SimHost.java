package dev.architekt.simulation;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.Bitmaps;
import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.MachineFound;
import dev.architekt.migration.core.Recovered;
import dev.architekt.migration.core.SourceConfig;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.region.PageBitmap;
import dev.architekt.testkit.SimLink;
import dev.architekt.testkit.SimMachine;
import dev.architekt.testkit.SimStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * One host: a shell that executes a core's effects on fakes. What it keeps in {@code core}, {@code
 * links} and {@code pending} dies with the node process; the rest lives on.
 */
final class SimHost implements SimLink.End {
  static final int MEMORY = 0;

  /** A step in hand. A crash may come before or after it has taken effect. */
  private record Pending(Step step, Runnable action) {}

  final World world;
  final String name;
  final UUID id;
  final SimStore[] stores;
  final SimMachine machine;
  Authority authority;
  JournalEntry journal = JournalEntry.NOTHING;
  boolean announces;

  boolean up = true;
  SourceCore source;
  DestinationCore destination;
  final Map<Integer, SimLink> links = new HashMap<>();
  private final List<Pending> pending = new ArrayList<>();
  private final long[] storeDue = new long[Lane.COUNT_MAX];
  private int incarnation;
  private Effect.Load loading;
  private long[] loadPages;

  SimHost(World world, String name, Authority authority) {
    this.world = world;
    this.name = name;
    this.id = new UUID(7, name.hashCode());
    this.authority = authority;
    int[] pages = world.shape.pages();
    this.stores = new SimStore[] {new SimStore(pages[0]), new SimStore(pages[1])};
    this.machine = new SimMachine(stores[MEMORY]);
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
  }

  private static String brief(Object thing) {
    String text = thing.toString();
    return text.length() > 260 ? text.substring(0, 260) + "…" : text;
  }

  @Override
  public void received(SimLink link, int lane, Message message) {
    tell(new Event.Received(link.number, lane, message));
    world.messageArrived();
  }

  @Override
  public void down(SimLink link) {
    if (links.remove(link.number) != null) {
      finishStores();
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
    loading = null;
    List.copyOf(links.values()).forEach(link -> link.lose(20 * Shape.MS));
    links.clear();
  }

  /** The host loses power: the machine is gone, and so is everything that was not flushed. */
  void losePower() {
    crash();
    for (SimStore store : stores) {
      store.losePower();
    }
    machine.end(
        machine.state() == SimMachine.State.NONE ? SimMachine.State.NONE : SimMachine.State.GONE);
    announces = false;
  }

  void start() {
    up = true;
    MachineFound found =
        switch (machine.state()) {
          case RUNNING -> MachineFound.RUNNING;
          case PAUSED -> MachineFound.PAUSED;
          case NONE, WAITING, GONE -> MachineFound.GONE;
        };
    switch (authority) {
      case Authority.Running _ when this == world.a ->
          source = SourceCore.recover(config(), authority, journal, found, world.rules);
      case Authority.Granted _ ->
          source = SourceCore.recover(config(), authority, journal, found, world.rules);
      case Authority.Released _ when this == world.a ->
          source = SourceCore.recover(config(), authority, journal, found, world.rules);
      case Authority _ -> {
        if (authority instanceof Authority.Running) {
          world.home = this;
        }
        boolean unsettled = journal.intent() == JournalEntry.Intent.RECEIVING;
        if (unsettled || authority instanceof Authority.Accepted) {
          destination = DestinationCore.recover(id, World.WINDOW, recovered(found), world.rules);
          world.dialSoon(this);
        }
      }
    }
    tell(new Event.Tick());
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
      case Effect.SendExtent e -> sendExtent(e);
      case Effect.Take e -> take(e.step());
      case Effect.Journal e -> step(Step.JOURNAL, () -> journal = e.entry(), null);
      case Effect.Persist e ->
          step(
              Step.PERSIST,
              () -> authority = e.authority(),
              () -> new Event.Persisted(e.authority()));
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
              () -> machine.state(SimMachine.State.WAITING),
              () -> new Event.Prepared(world.lineageOf(this)));
      case Effect.Store e -> store(e);
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
      case Effect.Load e -> load(e);
      case Effect.Inject _ -> {}
      case Effect.Disconnect e -> {
        SimLink link = links.get(e.link());
        if (link != null) {
          link.lose(Shape.MS);
        }
      }
      case Effect.Notice _ -> {}
      case Effect.Finished e -> world.finished(this, e);
    }
  }

  /** Asks for a step: it takes a while, and may fail, before or after it has taken effect. */
  private void step(Step step, Runnable action, Supplier<Event> done) {
    Fault failure = world.failureOf(step);
    long nanos = world.durationOf(step);
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

  private boolean removeSame(Pending one) {
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
      case PAUSE -> step(step, () -> machine.state(SimMachine.State.PAUSED), null);
      case SAVE_STATE -> {
        var device = MemorySegment.ofArray(new long[] {machine.cpu()});
        step(step, () -> {}, () -> new Event.StateSaved(device, world.agenda.now()));
      }
      case DRAIN_TAP -> step(step, () -> {}, () -> new Event.TapDrained(List.of(new byte[] {1})));
      case RELEASE -> step(step, () -> world.release(this), null);
      case RESET_MACHINE -> endMachine(step, SimMachine.State.WAITING);
      case DISCARD -> endMachine(step, SimMachine.State.NONE);
      case RESUME -> step(step, () -> world.run(this), null);
      case BEFORE_SUSPEND, AFTER_RESUME, STEP_CLOCK -> step(step, () -> {}, null);
      case FLUSH_REGIONS ->
          step(
              step,
              () -> {
                for (SimStore store : stores) {
                  store.flush();
                }
              },
              null);
      case JOURNAL, PERSIST, TRACK, SEND, PREPARE, STORE, FORGET, LOAD ->
          throw new IllegalStateException("not a step by name: " + step);
    }
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
    if (loading != null) {
      loading = null;
      world.agenda.in(
          0, guarded(() -> tell(new Event.Failed(Step.LOAD, Reason.CANCELLED, "ended"))));
    }
    step(step, () -> machine.end(next), null);
  }

  // --- pages ------------------------------------------------------------------------------------

  private void sendExtent(Effect.SendExtent e) {
    SimLink link = links.get(e.link());
    if (world.failureOf(Step.SEND) != null) {
      tell(new Event.Failed(Step.SEND, Reason.STORAGE, "injected"));
      return;
    }
    long zeroes = 0;
    long[] versions = new long[e.pages()];
    for (int i = 0; i < e.pages(); i++) {
      versions[i] = stores[e.region()].read((int) e.firstPage() + i);
      if (versions[i] == SimStore.ABSENT) {
        throw new Violation(name + " is asked for a page it does not have: " + e);
      }
    }
    for (int from = 0, to; from < e.pages(); from = to) {
      boolean zero = versions[from] == 0;
      to = from + 1;
      while (to < e.pages() && versions[to] == 0 == zero && (zero || to - from < 64)) {
        to++;
      }
      Message message =
          zero
              ? new Message.Zeroes(
                  e.region(), e.firstPage() + from, to - from, e.round(), e.settled())
              : world.pages(e, from, Arrays.copyOfRange(versions, from, to));
      zeroes += zero ? to - from : 0;
      if (link != null) {
        link.send(this, e.lane(), message);
      }
    }
    long zeroPages = zeroes;
    world.agenda.in(
        1,
        guarded(() -> tell(new Event.Sent(e.pages() - zeroPages, zeroPages, 4096L * e.pages()))));
  }

  private void store(Effect.Store e) {
    if (world.failureOf(Step.STORE) != null) {
      tell(new Event.Failed(Step.STORE, Reason.STORAGE, "injected"));
      return;
    }
    Pending inHand = new Pending(Step.STORE, () -> putAway(e));
    pending.add(inHand);
    long due = world.agenda.now() + world.dice.between(1, Shape.MS / 2);
    storeDue[e.lane()] = Math.max(storeDue[e.lane()] + 1, due);
    world.agenda.at(
        storeDue[e.lane()],
        () -> {
          if (removeSame(inHand)) {
            inHand.action().run();
          }
        });
  }

  /**
   * Before a new link: some of the old one's stores are carried out, in order, the rest dropped.
   */
  private void finishStores() {
    boolean carryOut = world.dice.percent(50);
    for (Pending p : List.copyOf(pending)) {
      if (p.step() == Step.STORE) {
        removeSame(p);
        if (carryOut) {
          p.action().run();
        }
      }
    }
  }

  private void putAway(Effect.Store e) {
    int region;
    int first;
    int count;
    long[] versions;
    if (e.pages() instanceof Message.Pages m) {
      region = m.region();
      first = (int) m.firstPage();
      count = m.pages();
      versions = world.versionsOf(m);
    } else {
      Message.Zeroes m = (Message.Zeroes) e.pages();
      region = m.region();
      first = (int) m.firstPage();
      count = m.pages();
      versions = new long[count];
    }
    for (int i = 0; i < count; i++) {
      boolean put = stores[region].receive(first + i, versions[i], e.onlyAbsent());
      if (e.warm() && region == MEMORY && (put || !e.onlyAbsent() || world.warmAnyway())) {
        machine.store(first + i, versions[i]);
      }
    }
    tell(new Event.PagesStored(e.link(), e.lane(), region, first, count));
    goOnLoading();
  }

  void want(int region, int page) {
    tell(new Event.Wanted(region, page, 1));
  }

  private void load(Effect.Load e) {
    loading = e;
    loadPages =
        world.dice.percent(60)
            ? new long[] {0, world.dice.below(stores[MEMORY].pages())}
            : new long[0];
    int asked = incarnation;
    world.agenda.in(
        world.durationOf(Step.LOAD),
        () -> {
          if (asked == incarnation && loading == e) {
            goOnLoading();
          }
        });
  }

  /** Devices look at some pages while they load; absent ones are waited for. */
  private void goOnLoading() {
    if (loading == null) {
      return;
    }
    for (long page : loadPages) {
      if (machine.read((int) page) == SimStore.ABSENT) {
        machine.invalidate((int) page);
        want(MEMORY, (int) page);
        return;
      }
    }
    Effect.Load loaded = loading;
    loading = null;
    if (world.failureOf(Step.LOAD) != null) {
      world.agenda.in(
          0, guarded(() -> tell(new Event.Failed(Step.LOAD, Reason.LOAD_FAILED, "injected"))));
      return;
    }
    machine.cpu(loaded.device().get(ValueLayout.JAVA_LONG, 0));
    machine.state(SimMachine.State.PAUSED);
    world.agenda.in(0, guarded(() -> tell(new Event.Done(Step.LOAD))));
  }

  private Runnable guarded(Runnable action) {
    int asked = incarnation;
    return () -> {
      if (asked == incarnation) {
        action.run();
      }
    };
  }
}
