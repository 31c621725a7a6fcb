package dev.architekt.simulation;

import dev.architekt.testkit.SimMachine;
import dev.architekt.testkit.SimStore;

/** The guest at work: it reads, checks and writes its memory and its disk, wherever it runs. */
final class GuestLoad {
  private final World world;

  GuestLoad(World world) {
    this.world = world;
  }

  /** One step of the guest, wherever it runs; plans the next. */
  void step() {
    boolean idle = world.target == null || world.target.destination == null;
    world.agenda.in(world.shape.guestNanos() * (idle ? 20 : 1), this::step);
    for (SimHost host : world.hosts()) {
      if (host.machine.state() == SimMachine.State.RUNNING) {
        touchMemory(host);
        if (world.dice.percent(20)) {
          touchDisk(host);
        }
        return;
      }
    }
  }

  private void touchMemory(SimHost host) {
    boolean hot = world.dice.percent(70);
    int page = world.dice.below(hot ? world.shape.hotPages() : world.shape.memoryPages());
    if (!host.up && !host.machine.cached(page)) {
      return; // waits for the node process
    }
    long version = host.machine.read(page);
    if (version == SimStore.ABSENT) {
      host.machine.invalidate(page);
      host.want(SimHost.MEMORY, page);
      return;
    }
    world.mustBe(host, SimHost.MEMORY, page, version);
    if (world.dice.percent(60)) {
      host.machine.write(page, world.guest.write(SimHost.MEMORY, page));
      host.machine.cpu(world.guest.progress());
    }
    int any = world.dice.below(world.shape.memoryPages());
    if (host.up && world.dice.percent(30)) {
      host.machine.writeBack(any, host.authority.epoch());
      host.machine.evict(any);
    }
  }

  private void touchDisk(SimHost host) {
    if (!host.up) {
      return; // the NBD client waits
    }
    int region = 1;
    int page = world.dice.below(world.shape.diskPages());
    long version = host.stores[region].read(page);
    boolean whole = world.dice.percent(40);
    if (version == SimStore.ABSENT && !whole) {
      host.want(region, page);
      return;
    }
    if (version != SimStore.ABSENT) {
      world.mustBe(host, region, page, version);
    }
    if (whole) {
      host.stores[region].write(page, world.guest.write(region, page), host.authority.epoch());
      host.machine.cpu(world.guest.progress());
    }
  }
}
