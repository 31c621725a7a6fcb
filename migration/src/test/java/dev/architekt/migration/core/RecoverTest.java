package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.RegionInfo;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** From durable records to the phase to go on in. */
class RecoverTest {
  private static final UUID SESSION = new UUID(1, 2);
  private static final UUID HOST = new UUID(3, 4);
  private static final List<RegionInfo> REGIONS =
      List.of(new RegionInfo("memory", RegionInfo.Kind.MEMORY, 10));
  private static final SourceConfig CONFIG =
      SourceConfig.of(new UUID(5, 6), Map.of(), REGIONS, "10.0.0.2");
  private static final JournalEntry SWITCHING =
      new JournalEntry(JournalEntry.Intent.SWITCHING, SESSION, 1);
  private static final JournalEntry RECEIVING =
      new JournalEntry(JournalEntry.Intent.RECEIVING, SESSION, 0);

  private static SourceCore source(
      Authority authority, JournalEntry journal, MachineFound machine) {
    return SourceCore.recover(CONFIG, authority, journal, machine);
  }

  private static DestinationCore destination(
      Authority authority, JournalEntry journal, MachineFound machine) {
    List<dev.architekt.region.PageBitmap> missing =
        authority instanceof Authority.Accepted ? List.of(Bitmaps.clear(10)) : List.of();
    return DestinationCore.recover(
        HOST, 2 << 20, new Recovered(authority, journal, machine, REGIONS, missing));
  }

  @Test
  void aSourceStoppedInASwitchOverResumesItsGuestBySelf() {
    SourceCore core = source(new Authority.Running(1), SWITCHING, MachineFound.PAUSED);
    assertThat(core.handle(0, new Event.Tick())).contains(new Effect.Take(Step.RESUME));
  }

  @Test
  void aGuestThatAPersonPausedStaysPaused() {
    SourceCore core = source(new Authority.Running(1), JournalEntry.NOTHING, MachineFound.PAUSED);
    assertThat(core.handle(0, new Event.Tick())).isEmpty();
  }

  @Test
  void aSourceThatHasGrantedNeverRunsTheGuestBySelf() {
    Authority granted = new Authority.Granted(2, SESSION, HOST, 1);
    SourceCore core = source(granted, SWITCHING, MachineFound.PAUSED);
    for (int hour = 0; hour < 48; hour++) {
      assertThat(core.handle(hour * 3_600_000_000_000L, new Event.Tick()))
          .doesNotContain(new Effect.Take(Step.RESUME));
    }
    assertThat(core.status().phase()).isEqualTo("GRANTED_DELIVERY_UNKNOWN");
    assertThat(core.status().deliveryUnknown()).isTrue();
  }

  @Test
  void aGuestFoundRunningAfterItWasGrantedIsPausedFirst() {
    Authority granted = new Authority.Granted(2, SESSION, HOST, 1);
    SourceCore core = source(granted, SWITCHING, MachineFound.RUNNING);
    assertThat(core.handle(0, new Event.Tick())).contains(new Effect.Take(Step.PAUSE));
  }

  @Test
  void anAcceptedGuestThatWasNotStartedYetIsStarted() {
    Authority accepted = new Authority.Accepted(2, SESSION);
    DestinationCore core = destination(accepted, RECEIVING, MachineFound.PAUSED);
    core.handle(0, new Event.Tick());
    assertThat(core.handle(1, new Event.Done(Step.ANNOUNCE_ADDRESS)))
        .contains(new Effect.Take(Step.RESUME));
  }

  @Test
  void aRunningGuestIsNotDiscardedWhenOnlyTheJournalIsBehind() {
    DestinationCore core = destination(new Authority.Running(2), RECEIVING, MachineFound.RUNNING);
    assertThat(core.handle(0, new Event.Tick())).doesNotContain(new Effect.Take(Step.DISCARD));
    assertThat(core.phase()).isEqualTo("SETTLING");
  }

  @Test
  void aDestinationThatHadNotAcceptedDeclines() {
    DestinationCore core = destination(new Authority.None(), RECEIVING, MachineFound.PAUSED);
    assertThat(core.phase()).isEqualTo("STOPPING");
  }

  @Test
  void aDestinationsRecordIsNoSources() {
    assertThatThrownBy(
            () -> source(new Authority.Accepted(2, SESSION), SWITCHING, MachineFound.RUNNING))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
