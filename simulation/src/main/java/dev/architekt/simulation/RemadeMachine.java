package dev.architekt.simulation;

import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.KeptState;
import dev.architekt.migration.core.MachineFound;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.testkit.SimMachine;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** What the shell does in RESTORING: another machine, paused, from what was kept. */
final class RemadeMachine {
  private RemadeMachine() {}

  /** The core that lets it run. */
  static SourceCore of(SimHost host, Optional<KeptState> kept) {
    KeptState state =
        kept.orElseThrow(() -> new Violation(host.name + " makes its machine from nothing"));
    host.world.trace(host.name + " makes its machine again");
    List.copyOf(host.links.values()).forEach(link -> link.lose(Shape.MS));
    host.machine.end(SimMachine.State.PAUSED);
    host.machine.cpu(state.device().get(ValueLayout.JAVA_LONG, 0));
    host.journal =
        new JournalEntry(JournalEntry.Intent.SWITCHING, state.session(), state.attempt());
    return SourceCore.recover(
        host.config(),
        host.authority,
        host.journal,
        MachineFound.PAUSED,
        Optional.empty(),
        host.world.rules);
  }
}
