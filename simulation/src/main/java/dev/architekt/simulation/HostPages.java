package dev.architekt.simulation;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.testkit.SimLink;
import dev.architekt.testkit.SimMachine;
import dev.architekt.testkit.SimStore;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** A host's pages: read and sent, received and put away, waited for while state is loaded. */
final class HostPages {
  private final SimHost host;
  private final World world;
  private final long[] storeDue = new long[Lane.COUNT_MAX];
  private Effect.Load loading;
  private long[] loadPages;

  HostPages(SimHost host) {
    this.host = host;
    this.world = host.world;
  }

  /** The process is gone, and the load it had in hand. */
  void forgetLoad() {
    loading = null;
  }

  /** The machine is ended: a load in hand is answered first. */
  void endLoad() {
    if (loading != null) {
      loading = null;
      world.agenda.in(
          0, host.guarded(() -> host.tell(new Event.Failed(Step.LOAD, Reason.CANCELLED, "ended"))));
    }
  }

  /** Reads pages and sends them. */
  void send(Effect.SendExtent e) {
    SimLink link = host.links.get(e.link());
    if (world.faults().failureOf(Step.SEND) != null) {
      host.tell(new Event.Failed(Step.SEND, Reason.STORAGE, "injected"));
      return;
    }
    long zeroes = 0;
    long[] versions = new long[e.pages()];
    for (int i = 0; i < e.pages(); i++) {
      versions[i] = host.stores[e.region()].read((int) e.firstPage() + i);
      if (versions[i] == SimStore.ABSENT) {
        throw new Violation(host.name + " is asked for a page it does not have: " + e);
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
        link.send(host, e.lane(), message);
      }
    }
    long zeroPages = zeroes;
    world.agenda.in(
        1,
        host.guarded(
            () -> host.tell(new Event.Sent(e.pages() - zeroPages, zeroPages, 4096L * e.pages()))));
  }

  /** Puts pages away, in their lane's order. */
  void store(Effect.Store e) {
    if (world.faults().failureOf(Step.STORE) != null) {
      host.tell(new Event.Failed(Step.STORE, Reason.STORAGE, "injected"));
      return;
    }
    SimHost.Pending inHand = new SimHost.Pending(Step.STORE, () -> putAway(e));
    host.pending.add(inHand);
    long due = world.agenda.now() + world.dice.between(1, Shape.MS / 2);
    storeDue[e.lane()] = Math.max(storeDue[e.lane()] + 1, due);
    world.agenda.at(
        storeDue[e.lane()],
        () -> {
          if (host.removeSame(inHand)) {
            inHand.action().run();
          }
        });
  }

  /**
   * Before a new link: some of the old one's stores are carried out, in order, the rest dropped.
   */
  void finishStores() {
    boolean carryOut = world.dice.percent(50);
    for (SimHost.Pending p : List.copyOf(host.pending)) {
      if (p.step() == Step.STORE) {
        host.removeSame(p);
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
      boolean put = host.stores[region].receive(first + i, versions[i], e.onlyAbsent());
      if (e.warm() && region == SimHost.MEMORY && (put || !e.onlyAbsent() || world.warmAnyway())) {
        host.machine.store(first + i, versions[i]);
      }
    }
    host.tell(new Event.PagesStored(e.link(), e.lane(), region, first, count));
    goOnLoading();
  }

  /** What an earlier stay left is read into the page cache ahead of the machine, or some of it. */
  void warm() {
    SimStore memory = host.stores[SimHost.MEMORY];
    for (int page = 0; page < memory.pages(); page++) {
      if (memory.read(page) != SimStore.ABSENT && world.dice.percent(50)) {
        host.machine.store(page, memory.read(page));
      }
    }
  }

  /** Loads the device state, which may need pages. */
  void load(Effect.Load e) {
    loading = e;
    loadPages =
        world.dice.percent(60)
            ? new long[] {0, world.dice.below(host.stores[SimHost.MEMORY].pages())}
            : new long[0];
    world.agenda.in(
        world.faults().durationOf(Step.LOAD),
        host.guarded(() -> {
          if (loading == e) {
            goOnLoading();
          }
        }));
  }

  /** Devices look at some pages while they load; absent ones are waited for. */
  private void goOnLoading() {
    if (loading == null) {
      return;
    }
    for (long page : loadPages) {
      if (host.machine.read((int) page) == SimStore.ABSENT) {
        host.machine.invalidate((int) page);
        host.want(SimHost.MEMORY, (int) page);
        return;
      }
    }
    Effect.Load loaded = loading;
    loading = null;
    if (world.faults().failureOf(Step.LOAD) != null) {
      world.agenda.in(
          0,
          host.guarded(
              () -> host.tell(new Event.Failed(Step.LOAD, Reason.LOAD_FAILED, "injected"))));
      return;
    }
    host.machine.cpu(loaded.device().get(ValueLayout.JAVA_LONG, 0));
    host.machine.state(SimMachine.State.PAUSED);
    world.agenda.in(0, host.guarded(() -> host.tell(new Event.Done(Step.LOAD))));
  }
}
