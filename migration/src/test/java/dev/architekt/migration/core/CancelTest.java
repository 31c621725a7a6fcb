package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.message.Strategy;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A move that somebody does not want any more, or that takes too long. */
class CancelTest {
  private static final long SECOND = 1_000_000_000;
  private static final UUID SESSION = new UUID(1, 2);
  private static final UUID HOST = new UUID(3, 4);
  private static final List<RegionInfo> REGIONS =
      List.of(new RegionInfo("memory", RegionInfo.Kind.MEMORY, 10));
  private static final Message.Begin BEGIN =
      new Message.Begin(SESSION, HOST, Strategy.POST_COPY, 0, 2 << 20, List.of(-1L));

  private long now;

  // --- the source -------------------------------------------------------------------------------

  private final SourceCore source =
      new SourceCore(
          SourceConfig.of(new UUID(5, 6), Map.of(), REGIONS, ""), new Authority.Running(1));

  private List<Effect> tell(Event event) {
    return source.handle(++now, event);
  }

  private List<Effect> hear(Message message) {
    return tell(new Event.Received(1, 0, message));
  }

  private void theSourceStopsAnsweringForTheAddress() {
    tell(new Event.LinkUp(1, 2));
    hear(BEGIN);
    tell(new Event.Tracking(List.of(Bitmaps.clear(10))));
    tell(new Event.Done(Step.JOURNAL));
    tell(new Event.Done(Step.CEDE_ADDRESS));
  }

  private static boolean says(List<Effect> effects, Class<? extends Message> message) {
    return effects.stream()
        .anyMatch(e -> e instanceof Effect.Send s && message.isInstance(s.message()));
  }

  @Test
  void theDestinationHearsAtOnceThatTheInstanceStaysAndHowFarItGot() {
    theSourceStopsAnsweringForTheAddress();
    List<Effect> effects = hear(new Message.Stop(Reason.CANCELLED, "by hand"));
    assertThat(says(effects, Message.Figures.class)).isTrue();
    assertThat(says(effects, Message.Stop.class)).isTrue();
    assertThat(effects).contains(new Effect.Take(Step.RECLAIM_ADDRESS));
  }

  @Test
  void clientsDoNotWaitForTheHooksOfAMoveThatIsCancelled() {
    theSourceStopsAnsweringForTheAddress();
    assertThat(hear(new Message.Announced(1))).contains(new Effect.Take(Step.BEFORE_SUSPEND));
    // The hooks are still running.
    assertThat(hear(new Message.Stop(Reason.CANCELLED, "by hand")))
        .contains(new Effect.Take(Step.RECLAIM_ADDRESS))
        .doesNotContain(new Effect.Take(Step.AFTER_RESUME));
    tell(new Event.Done(Step.RECLAIM_ADDRESS));
    assertThat(tell(new Event.Done(Step.BEFORE_SUSPEND)))
        .doesNotContain(new Effect.Take(Step.RECLAIM_ADDRESS))
        .contains(new Effect.Take(Step.AFTER_RESUME));
    tell(new Event.Done(Step.AFTER_RESUME));
    assertThat(tell(new Event.Done(Step.JOURNAL)))
        .anyMatch(e ->
            e instanceof Effect.Finished f
                && f.outcome() == Outcome.STAYED
                && f.text().contains("by hand"));
    assertThat(source.phase()).isEqualTo("RUNNING");
  }

  @Test
  void aPausedGuestRunsBeforeItsAddressIsAnsweredForAgain() {
    theSourceStopsAnsweringForTheAddress();
    hear(new Message.Announced(1));
    tell(new Event.Done(Step.BEFORE_SUSPEND));
    tell(new Event.Stopped(0));
    tell(new Event.TapDrained(List.of()));
    tell(new Event.Dirty(List.of(Bitmaps.clear(10))));
    assertThat(tell(new Event.Cancel("by hand"))) // the state is still being saved
        .doesNotContain(new Effect.Take(Step.RECLAIM_ADDRESS));
    assertThat(tell(new Event.Failed(Step.SAVE_STATE, Reason.HYPERVISOR, "late")))
        .contains(new Effect.Take(Step.RESUME));
    assertThat(tell(new Event.Done(Step.RESUME))).contains(new Effect.Take(Step.RECLAIM_ADDRESS));
  }

  @Test
  void pagesThatAFailedCollectionTookEndTheSessionAlsoWhileASwitchOverIsUndone() {
    theSourceStopsAnsweringForTheAddress();
    hear(new Message.Announced(1));
    tell(new Event.Done(Step.BEFORE_SUSPEND));
    tell(new Event.Stopped(0));
    tell(new Event.TapDrained(List.of()));
    tell(new Event.StateSaved(java.lang.foreign.Arena.ofAuto().allocate(8), 0));
    tell(new Event.LinkDown(1)); // by itself that would only undo the switch-over
    tell(new Event.Failed(Step.COLLECT, Reason.STORAGE, "disk"));
    tell(new Event.Done(Step.RESUME));
    tell(new Event.Done(Step.RECLAIM_ADDRESS));
    tell(new Event.Done(Step.STEP_CLOCK));
    tell(new Event.Done(Step.AFTER_RESUME));
    assertThat(tell(new Event.Done(Step.JOURNAL)))
        .anyMatch(e -> e instanceof Effect.Finished f && f.reason() == Reason.STORAGE);
    assertThat(source.phase()).isEqualTo("RUNNING");
  }

  // --- the destination --------------------------------------------------------------------------

  private static DestinationCore receiving(long giveUpNanos) {
    DestinationCore core =
        new DestinationCore(
            new DestinationConfig(SESSION, HOST, Strategy.AUTO, 0, 2 << 20, 0, giveUpNanos),
            new Authority.None());
    core.handle(0, new Event.Tick());
    core.handle(0, new Event.LinkUp(1, 2));
    core.handle(
        0,
        new Event.Received(
            1, 0, new Message.Description(new UUID(5, 6), 1, Map.of(), REGIONS, "")));
    core.handle(0, new Event.Done(Step.JOURNAL));
    core.handle(0, new Event.Prepared(List.of(-1L)));
    assertThat(core.phase()).isEqualTo("RECEIVING");
    return core;
  }

  private static boolean tellsPeople(List<Effect> effects, Reason reason) {
    return effects.stream().anyMatch(e -> e instanceof Effect.Notice n && n.reason() == reason);
  }

  @Test
  void itIsCancelledWhenTheSourceSaysSoAndNotBefore() {
    DestinationCore core = receiving(0);
    List<Effect> asked = core.handle(1, new Event.Cancel("by hand"));
    assertThat(says(asked, Message.Stop.class)).isTrue();
    assertThat(tellsPeople(asked, Reason.CANCELLED)).isFalse();
    assertThat(core.phase()).isEqualTo("RECEIVING");
    List<Effect> agreed =
        core.handle(2, new Event.Received(1, 0, new Message.Stop(Reason.CANCELLED, "stopped")));
    assertThat(tellsPeople(agreed, Reason.CANCELLED)).isTrue();
    assertThat(core.phase()).isEqualTo("WINDING_UP");
  }

  @Test
  void aGrantThatWasFasterIsSaidAndTheMoveGoesOn() {
    DestinationCore core = receiving(0);
    core.handle(1, new Event.Cancel("by hand"));
    List<Effect> refused =
        core.handle(
            2, new Event.Received(1, 0, new Message.Stop(Reason.ALREADY_GRANTED, "epoch 2")));
    assertThat(tellsPeople(refused, Reason.ALREADY_GRANTED)).isTrue();
    assertThat(core.phase()).isEqualTo("RECEIVING");
  }

  @Test
  void aMoveThatTakesTooLongIsGivenUpOnce() {
    DestinationCore core = receiving(30 * SECOND);
    assertThat(core.handle(29 * SECOND, new Event.Tick())).isEmpty();
    List<Effect> late = core.handle(30 * SECOND, new Event.Tick());
    assertThat(late)
        .contains(
            new Effect.Send(
                1, 0, new Message.Stop(Reason.CANCELLED, "gave up: no switch-over within 30.0 s")));
    assertThat(core.handle(31 * SECOND, new Event.Tick())).isEmpty();
  }

  @Test
  void withoutALimitItTakesAsLongAsItTakes() {
    assertThat(receiving(0).handle(90_000 * SECOND, new Event.Tick())).isEmpty();
  }
}
