package dev.architekt.simulation;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Lane;
import dev.architekt.testkit.SimLink;
import java.util.EnumMap;
import java.util.Map;

/** What goes wrong in one run, when its plan says so; and how long steps take. */
final class Faults {
  private static final long UNTIL_NANOS = 120_000 * Shape.MS;

  private final World world;
  private final FaultPlan plan;
  private final Coverage coverage;
  private final Map<Fault, Integer> armed = new EnumMap<>(Fault.class);
  private MigrationPhase lastPhase = MigrationPhase.PREPARE;
  private long count;
  private boolean machineDied;

  Faults(World world, FaultPlan plan, Coverage coverage) {
    this.world = world;
    this.plan = plan;
    this.coverage = coverage;
  }

  /** Faults injected so far. */
  long count() {
    return count;
  }

  /** How long a step takes. */
  long durationOf(Step step) {
    if (disk(step) && disarm(Fault.SLOW_DISK)) {
      return world.dice.between(1_000, 5_000) * Shape.MS;
    }
    return disk(step) ? world.shape.diskNanos() : world.dice.between(Shape.MS / 20, 12 * Shape.MS);
  }

  /** The fault that makes this step fail, or null. */
  Fault failureOf(Step step) {
    if (step == Step.DRAIN_TAP) {
      return null;
    }
    Fault fault = disk(step) ? Fault.DISK_FAILS : Fault.MACHINE_FAILS;
    return disarm(fault) ? fault : null;
  }

  private static boolean disk(Step step) {
    return switch (step) {
      case JOURNAL, PERSIST, TRACK, COLLECT, KEEP_STATE, SEND, STORE, FORGET, FLUSH_REGIONS -> true;
      case CEDE_ADDRESS,
          RECLAIM_ADDRESS,
          BEFORE_SUSPEND,
          PAUSE,
          SAVE_STATE,
          DRAIN_TAP,
          RELEASE,
          PREPARE,
          LOAD,
          ANNOUNCE_ADDRESS,
          WITHDRAW_ADDRESS,
          RESET_MACHINE,
          DISCARD,
          RESUME,
          AFTER_RESUME,
          STEP_CLOCK ->
          false;
    };
  }

  private boolean disarm(Fault fault) {
    int left = armed.getOrDefault(fault, 0);
    if (left == 0) {
      return false;
    }
    armed.put(fault, left - 1);
    injected(fault);
    return true;
  }

  /** A message has arrived: what the plan has for this moment goes wrong. */
  void messageArrived() {
    if (world.a.source != null) {
      MigrationPhase.of(world.a.source.phase()).ifPresent(phase -> lastPhase = phase);
    }
    if (world.agenda.now() < UNTIL_NANOS && world.home == null) {
      for (Fault fault : plan.due(lastPhase)) {
        world.agenda.in(world.dice.between(0, 2 * Shape.MS), () -> inject(fault));
      }
    }
  }

  private void injected(Fault fault) {
    count++;
    coverage.count(lastPhase, fault);
    world.trace("FAULT " + fault + " in " + lastPhase);
  }

  private void inject(Fault fault) {
    switch (fault) {
      case DELAY -> delay();
      case LINK_LOSS -> loseLink();
      case SOURCE_CRASH -> crashSource();
      case DESTINATION_CRASH -> crash(world.target, false);
      case POWER_LOSS -> losePower();
      case MACHINE_FAILS, SLOW_DISK, DISK_FAILS -> armed.merge(fault, 1, Integer::sum);
      case CANCEL -> {
        injected(fault);
        (world.dice.percent(50) ? world.a : world.target).tell(new Event.Cancel("injected"));
      }
    }
  }

  private void delay() {
    for (SimLink link : world.allLinks) {
      if (link.alive()) {
        injected(Fault.DELAY);
        long nanos = world.dice.between(20, 800) * Shape.MS;
        if (world.dice.percent(50)) {
          link.delay(nanos);
        } else {
          link.delay(Lane.FIRST_BULK + world.dice.below(world.shape.bulkLanes()), nanos);
        }
        world.agenda.in(world.dice.between(50, 2_000) * Shape.MS, () -> link.delay(0));
        return;
      }
    }
  }

  private void loseLink() {
    for (SimLink link : world.allLinks) {
      if (link.alive()) {
        injected(Fault.LINK_LOSS);
        link.lose(world.dice.between(0, 60) * Shape.MS);
        return;
      }
    }
  }

  /** After the grant the machine may die too, with the node process or without. */
  private void crashSource() {
    SimHost a = world.a;
    boolean granted = a.authority instanceof Authority.Granted && !a.pendingPersist();
    boolean both = granted && world.dice.percent(30);
    boolean machineOnly = granted && !both && world.dice.percent(20);
    if (both || machineOnly) {
      world.trace("the machine of A dies");
      machineDied = true;
      a.killMachine();
    }
    if (machineOnly) {
      injected(Fault.SOURCE_CRASH);
    } else {
      crash(a, false);
    }
  }

  /** Whether the source's machine died after the grant: a decline loses the instance then. */
  boolean machineDied() {
    return machineDied;
  }

  private void crash(SimHost host, boolean power) {
    if (!host.up || !host.hasCore()) {
      return;
    }
    injected(
        power ? Fault.POWER_LOSS : host == world.a ? Fault.SOURCE_CRASH : Fault.DESTINATION_CRASH);
    if (power) {
      host.losePower();
    } else {
      host.crash();
    }
    world.agenda.in(
        world.dice.between(20, 3_000) * Shape.MS,
        () -> {
          world.trace(host.name + " starts again with " + host.authority + " " + host.journal);
          host.start();
        });
  }

  /** Power is lost only where that does not lose the instance for good. */
  private void losePower() {
    boolean served =
        world.a.source != null
            && world.a.source.phase().equals("SERVING")
            && world.a.source.status().durable();
    boolean notAccepted =
        world.target.destination != null
            && !world.target.pendingPersist()
            && !(world.target.authority instanceof Authority.Accepted)
            && !(world.target.authority instanceof Authority.Running);
    boolean released = world.a.authority instanceof Authority.Released;
    if ((served || released) && !world.a.pendingPersist()) {
      crash(world.a, true);
    } else if (notAccepted) {
      crash(world.target, true);
    }
  }
}
