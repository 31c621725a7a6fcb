package dev.architekt.simulation;

import dev.architekt.testkit.Dice;
import java.util.ArrayList;
import java.util.List;

/** What goes wrong in one run: which fault, in which phase, after how many events of that phase. */
final class FaultPlan {
  private static final int LEAST = 5;
  private static final int MOST = 12;

  private static final class Planned {
    final MigrationPhase phase;
    final Fault fault;
    int eventsLeft;

    Planned(MigrationPhase phase, Fault fault, int eventsLeft) {
      this.phase = phase;
      this.fault = fault;
      this.eventsLeft = eventsLeft;
    }
  }

  private final List<Planned> planned = new ArrayList<>();

  FaultPlan(Dice dice) {
    int count = (int) dice.between(LEAST, MOST);
    for (int i = 0; i < count; i++) {
      MigrationPhase phase = dice.of(List.of(MigrationPhase.values()));
      Fault fault = dice.of(List.of(Fault.values()));
      int most = dice.percent(50) ? 6 : phase == MigrationPhase.COPY ? 300 : 40;
      planned.add(new Planned(phase, fault, (int) dice.between(0, most)));
    }
  }

  /** One more event of this phase has happened: the faults that are due. */
  List<Fault> due(MigrationPhase phase) {
    List<Fault> due = List.of();
    for (int i = planned.size() - 1; i >= 0; i--) {
      Planned p = planned.get(i);
      if (p.phase == phase && p.eventsLeft-- <= 0) {
        if (due.isEmpty()) {
          due = new ArrayList<>();
        }
        due.add(p.fault);
        planned.remove(i);
      }
    }
    return due;
  }
}
