package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.message.Strategy;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A grant whose write failed may be durable all the same. A source that is killed before it has
 * overwritten it starts again with a grant, and then needs the destination's answer: until then the
 * destination is not sent away, whatever happens.
 */
class FailedGrantTest {
  private static final UUID SESSION = new UUID(1, 2);
  private static final UUID HOST = new UUID(3, 4);
  private static final List<RegionInfo> REGIONS =
      List.of(new RegionInfo("memory", RegionInfo.Kind.MEMORY, 10));

  private final SourceCore source =
      new SourceCore(
          SourceConfig.of(new UUID(5, 6), Map.of(), REGIONS, ""), new Authority.Running(1));
  private long now;

  private List<Effect> tell(Event event) {
    return source.handle(++now, event);
  }

  private List<Effect> hear(int link, Message message) {
    return tell(new Event.Received(link, 0, message));
  }

  private static List<Effect> stops(List<Effect> effects) {
    return effects.stream()
        .filter(e -> e instanceof Effect.Send s && s.message() instanceof Message.Stop)
        .toList();
  }

  private static Effect stop(int link, Reason reason, String text) {
    return new Effect.Send(link, 0, new Message.Stop(reason, text));
  }

  @BeforeEach
  void theGrantIsBeingWritten() {
    tell(new Event.LinkUp(1, 2));
    hear(1, new Message.Begin(SESSION, HOST, Strategy.POST_COPY, 0, 2 << 20, List.of(-1L)));
    tell(new Event.Tracking(List.of(Bitmaps.clear(10))));
    tell(new Event.Done(Step.JOURNAL));
    tell(new Event.Done(Step.CEDE_ADDRESS));
    hear(1, new Message.Announced(1));
    tell(new Event.Done(Step.BEFORE_SUSPEND));
    tell(new Event.Stopped(0));
    tell(new Event.TapDrained(List.of()));
    tell(new Event.Dirty(List.of(Bitmaps.clear(10))));
    tell(new Event.StateSaved(Arena.ofAuto().allocate(8), 0));
    assertThat(tell(new Event.Done(Step.KEEP_STATE)))
        .contains(new Effect.Persist(new Authority.Granted(2, SESSION, HOST, 1)));
  }

  private void theWriteFails() {
    List<Effect> effects = tell(new Event.Failed(Step.PERSIST, Reason.STORAGE, "disk"));
    assertThat(effects).contains(new Effect.Persist(new Authority.Running(1)));
    assertThat(stops(effects)).isEmpty();
  }

  private List<Effect> overwritten() {
    return tell(new Event.Persisted(new Authority.Running(1)));
  }

  @Test
  void theDestinationIsSentAwayOnceTheGrantIsOverwritten() {
    theWriteFails();
    List<Effect> effects = overwritten();
    assertThat(stops(effects)).containsExactly(stop(1, Reason.STORAGE, "PERSIST failed: disk"));
    assertThat(effects).contains(new Effect.Take(Step.RESUME));
  }

  @Test
  void overwritingThatFailsIsTriedAgainAndTheDestinationWaits() {
    theWriteFails();
    assertThat(stops(tell(new Event.Failed(Step.PERSIST, Reason.STORAGE, "disk")))).isEmpty();
    List<Effect> again = tell(new Event.Tick());
    assertThat(again).contains(new Effect.Persist(new Authority.Running(1)));
    assertThat(stops(again)).isEmpty();
    assertThat(stops(overwritten())).hasSize(1);
  }

  @Test
  void aDestinationThatDialsAgainWaitsTooAndTheOldLinkHearsNothing() {
    theWriteFails();
    tell(new Event.LinkDown(1));
    tell(new Event.LinkUp(2, 2));
    Message.Resume resume =
        new Message.Resume(
            SESSION, HOST, Message.Resume.Standing.RECEIVING, -1, 1, 2 << 20, List.of(), List.of());
    assertThat(stops(hear(2, resume))).isEmpty();
    assertThat(stops(overwritten()))
        .containsExactly(stop(2, Reason.UNKNOWN_SESSION, "the source has no such session"));
  }

  @Test
  void aDestinationThatWantsToStopWaitsToo() {
    theWriteFails();
    assertThat(stops(hear(1, new Message.Stop(Reason.CANCELLED, "by hand")))).isEmpty();
    assertThat(stops(overwritten())).hasSize(1);
  }

  @Test
  void aMachineThatDiesMeanwhileIsMadeAgainFromWhatWasKept() {
    tell(new Event.MachineGone());
    theWriteFails();
    List<Effect> effects = overwritten();
    assertThat(stops(effects)).hasSize(1);
    assertThat(effects)
        .contains(new Effect.Journal(new JournalEntry(JournalEntry.Intent.RESTORING, SESSION, 1)))
        .doesNotContain(new Effect.Take(Step.RESUME));
    tell(new Event.Done(Step.JOURNAL));
    assertThat(source.phase()).isEqualTo("RESTORING");
  }
}
