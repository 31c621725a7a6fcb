package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.hypervisor.MachineEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MachineWordsTest {
  @Test
  void eventsAreSentencesAndNoRecords() {
    List<MachineEvent> events =
        List.of(
            new MachineEvent.DiskError("disk", "write", "No space left on device"),
            new MachineEvent.Panic(),
            new MachineEvent.Shutdown("guest-shutdown"),
            new MachineEvent.Reset(),
            new MachineEvent.Exit("signal 9"),
            new MachineEvent.Unmanaged("end of file"));
    for (MachineEvent event : events) {
      assertThat(MachineWords.of(event))
          .doesNotContain("[", event.getClass().getSimpleName() + "(");
    }
    assertThat(MachineWords.of(events.getFirst())).contains("disk", "write", "No space left");
    assertThat(MachineWords.of(events.get(4))).contains("signal 9");
  }
}
