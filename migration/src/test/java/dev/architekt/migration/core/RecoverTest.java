package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    return SourceCore.recover(CONFIG, authority, journal, machine, Optional.empty());
  }

  private static DestinationCore destination(
      Authority authority, JournalEntry journal, MachineFound machine) {
    List<dev.architekt.region.PageBitmap> missing =
        authority instanceof Authority.Accepted ? List.of(Bitmaps.clear(10)) : List.of();
    return DestinationCore.recover(
        HOST, 2 << 20, 0, new Recovered(authority, journal, machine, REGIONS, missing));
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
  void aGrantedStateIsDeliveredAgainAfterARestartWithAndWithoutTheMachine() {
    for (MachineFound machine : List.of(MachineFound.PAUSED, MachineFound.GONE)) {
      var device = java.lang.foreign.MemorySegment.ofArray(new byte[] {7});
      var missing = List.of(new dev.architekt.migration.message.PageSet(0, new long[] {5}));
      KeptState kept = new KeptState(SESSION, 1, 8, missing, List.of(), device);
      SourceCore core =
          SourceCore.recover(
              CONFIG,
              new Authority.Granted(2, SESSION, HOST, 1),
              SWITCHING,
              machine,
              Optional.of(kept));
      core.handle(0, new Event.LinkUp(1, 2));
      Message.Resume resume =
          new Message.Resume(
              SESSION,
              HOST,
              Message.Resume.Standing.RECEIVING,
              -1,
              0,
              2 << 20,
              List.of(),
              List.of());
      List<Message> sent = new java.util.ArrayList<>();
      for (Effect effect : core.handle(1, new Event.Received(1, 0, resume))) {
        assertThat(effect).isNotEqualTo(new Effect.Take(Step.SAVE_STATE));
        if (effect instanceof Effect.Send send) {
          sent.add(send.message());
        }
      }
      assertThat(sent).hasSize(3);
      Message.State state = (Message.State) sent.get(1);
      assertThat(state.device()).isSameAs(device);
      assertThat(state.stale()).hasSize(1);
      assertThat(state.stale().getFirst().words()).containsExactly(5);
      assertThat(sent.get(2)).isEqualTo(new Message.Grant(SESSION, 2, 1));
      core.handle(2, new Event.Sent(3, 0, 3 << 12));
      assertThat(core.account().orElseThrow().known()).as("a part is not the whole").isFalse();
    }
  }

  private static List<Effect> declinedWithoutAMachine(Optional<KeptState> kept) {
    SourceCore core =
        SourceCore.recover(
            CONFIG, new Authority.Granted(2, SESSION, HOST, 1), SWITCHING, MachineFound.GONE, kept);
    core.handle(0, new Event.LinkUp(1, 2));
    core.handle(0, new Event.Done(Step.FLUSH_REGIONS));
    List<Effect> all = new java.util.ArrayList<>();
    Message.Resume declined =
        new Message.Resume(
            SESSION, HOST, Message.Resume.Standing.DECLINED, 2, 0, 2 << 20, List.of(), List.of());
    all.addAll(core.handle(1, new Event.Received(1, 0, declined)));
    if (kept.isPresent()) {
      all.addAll(core.handle(2, new Event.Done(Step.JOURNAL)));
    }
    all.addAll(core.handle(3, new Event.Persisted(new Authority.Running(3))));
    assertThat(core.phase()).isEqualTo(kept.isPresent() ? "RESTORING" : "LOST");
    return all;
  }

  @Test
  void aDeclinedInstanceWithoutAMachineIsToBeMadeAgainFromWhatWasKept() {
    var device = java.lang.foreign.MemorySegment.ofArray(new byte[] {7});
    KeptState kept = new KeptState(SESSION, 1, 8, List.of(), List.of(), device);
    assertThat(declinedWithoutAMachine(Optional.of(kept)))
        .containsSubsequence(
            new Effect.Journal(new JournalEntry(JournalEntry.Intent.RESTORING, SESSION, 1)),
            new Effect.Persist(new Authority.Running(3)),
            new Effect.Send(1, 0, new Message.Withdrawn(2)))
        .doesNotContain(new Effect.Take(Step.RESUME));
  }

  @Test
  void aDeclinedInstanceWithoutAMachineAndWithoutItsStateIsLost() {
    assertThat(declinedWithoutAMachine(Optional.empty()))
        .noneMatch(e -> e instanceof Effect.Journal)
        .doesNotContain(new Effect.Take(Step.RESUME));
  }

  @Test
  void aSourceStartedAgainWhileItMadeItsMachineBeginsAgainWithIt() {
    JournalEntry restoring = new JournalEntry(JournalEntry.Intent.RESTORING, SESSION, 1);
    for (MachineFound machine : MachineFound.values()) {
      SourceCore core = source(new Authority.Running(3), restoring, machine);
      assertThat(core.handle(0, new Event.Tick())).isEmpty();
      assertThat(core.phase()).isEqualTo("RESTORING");
    }
  }

  @Test
  void aStateOfAnotherSwitchOverIsNotDelivered() {
    KeptState old =
        new KeptState(
            SESSION,
            1,
            8,
            List.of(),
            List.of(),
            java.lang.foreign.MemorySegment.ofArray(new byte[] {7}));
    SourceCore core =
        SourceCore.recover(
            CONFIG,
            new Authority.Granted(4, SESSION, HOST, 2),
            SWITCHING,
            MachineFound.PAUSED,
            Optional.of(old));
    core.handle(0, new Event.LinkUp(1, 2));
    Message.Resume resume =
        new Message.Resume(
            SESSION, HOST, Message.Resume.Standing.RECEIVING, -1, 0, 2 << 20, List.of(), List.of());
    assertThat(core.handle(1, new Event.Received(1, 0, resume)))
        .noneMatch(e -> e instanceof Effect.Send s && s.message() instanceof Message.State)
        .contains(new Effect.Send(1, 0, new Message.Grant(SESSION, 4, 2)));
  }

  @Test
  void aMachineThatDiesBeforeTheGrantIsLostAndAfterItIsNot() {
    SourceCore running = new SourceCore(CONFIG, new Authority.Running(1));
    running.handle(0, new Event.MachineGone());
    assertThat(running.phase()).isEqualTo("LOST");
    SourceCore granted =
        source(new Authority.Granted(2, SESSION, HOST, 1), SWITCHING, MachineFound.PAUSED);
    granted.handle(0, new Event.MachineGone());
    assertThat(granted.phase()).isEqualTo("GRANTED");
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
