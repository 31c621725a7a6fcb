package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.message.SourcePause;
import dev.architekt.migration.message.Strategy;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The pause is from stop at the source to cont at the destination, by one clock. */
class PauseTest {
  private static final long MS = 1_000_000;
  private static final UUID SESSION = new UUID(1, 2);
  private static final UUID HOST = new UUID(3, 4);
  private static final List<RegionInfo> REGIONS =
      List.of(new RegionInfo("memory", RegionInfo.Kind.MEMORY, 10));

  private final SourceCore source =
      new SourceCore(
          SourceConfig.of(new UUID(5, 6), Map.of(), REGIONS, ""), new Authority.Running(1));

  private List<Effect> tell(long ms, Event event) {
    return source.handle(ms * MS, event);
  }

  private List<Effect> hear(long ms, Message message) {
    return tell(ms, new Event.Received(1, 0, message));
  }

  private static List<Account> figures(List<Effect> effects) {
    List<Account> figures = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send && send.message() instanceof Message.Figures told) {
        figures.add(told.account());
      }
    }
    return figures;
  }

  /** Stopped at 100 ms after a stop of 2 ms; collected in 4, saved in 7, granted in 1. */
  private void grant() {
    tell(1, new Event.LinkUp(1, 2));
    hear(2, new Message.Begin(SESSION, HOST, Strategy.POST_COPY, 0, 2 << 20, List.of(-1L)));
    tell(3, new Event.Tracking(List.of(Bitmaps.clear(10))));
    tell(4, new Event.Done(Step.JOURNAL));
    tell(5, new Event.Done(Step.CEDE_ADDRESS));
    hear(6, new Message.Announced(1));
    tell(98, new Event.Done(Step.BEFORE_SUSPEND));
    tell(102, new Event.Stopped(2 * MS));
    tell(106, new Event.Dirty(List.of(Bitmaps.clear(10))));
    List<Effect> sent = tell(109, new Event.StateSaved(Arena.ofAuto().allocate(8), 0));
    assertThat(sent)
        .anyMatch(e -> e instanceof Effect.Send s && s.message() instanceof Message.State);
    tell(109, new Event.Done(Step.KEEP_STATE));
    tell(110, new Event.Persisted(new Authority.Granted(2, SESSION, HOST, 1)));
    hear(118, new Message.Accepted(2));
  }

  @Test
  void thePauseEndsWithContAtTheDestination() {
    grant();
    // The guest ran there 3 ms before RUNNING left; RUNNING took 2 ms, and so do PING and PONG.
    List<Effect> atRunning = hear(125, new Message.Running(2, 3 * MS));
    assertThat(atRunning).contains(new Effect.Send(1, 0, new Message.Ping(2)));
    assertThat(figures(atRunning)).extracting(Account::pauseNanos).containsExactly(22 * MS);
    assertThat(figures(hear(129, new Message.Pong(2))))
        .extracting(Account::pauseNanos)
        .containsExactly(20 * MS);
  }

  @Test
  void theSourcesShareIsToldStepByStep() {
    grant();
    Account account = figures(hear(125, new Message.Running(2, 3 * MS))).getFirst();
    assertThat(account.pause()).isEqualTo(new SourcePause(4 * MS, 4 * MS, 7 * MS, 9 * MS, 1 * MS));
  }

  @Test
  void anOutageAfterContDoesNotCount() {
    grant();
    tell(200, new Event.LinkDown(1));
    tell(60_000, new Event.LinkUp(2, 2));
    tell(
        60_001,
        new Event.Received(
            2,
            0,
            new Message.Resume(
                SESSION,
                HOST,
                Message.Resume.Standing.ACCEPTED,
                2,
                1,
                2 << 20,
                List.of(),
                List.of())));
    long ran = 60_005 - 2 - 120;
    tell(60_005, new Event.Received(2, 0, new Message.Running(2, ran * MS)));
    List<Effect> last = tell(60_009, new Event.Received(2, 0, new Message.Pong(2)));
    assertThat(figures(last)).extracting(Account::pauseNanos).containsExactly(20 * MS);
  }

  @Test
  void whatNobodyMeasuredIsUnknownAndNotZero() {
    grant();
    List<Effect> told = hear(125, new Message.Running(2, -1));
    assertThat(figures(told)).extracting(Account::pauseNanos).containsExactly(-1L);
    assertThat(figures(hear(126, new Message.Pong(2)))).isEmpty();
  }

  @Test
  void theDestinationsShareAddsUp() {
    DestinationCore destination =
        new DestinationCore(
            new DestinationConfig(SESSION, HOST, Strategy.AUTO, 0, 2 << 20, 0, 0),
            new Authority.None());
    destination.handle(1 * MS, new Event.LinkUp(1, 2));
    destination.handle(
        2 * MS,
        new Event.Received(
            1, 0, new Message.Description(new UUID(5, 6), 1, Map.of(), REGIONS, "")));
    destination.handle(3 * MS, new Event.Done(Step.JOURNAL));
    destination.handle(4 * MS, new Event.Prepared(List.of(-1L)));
    zero(destination, 5, 0);
    zero(destination, 50, 1);
    zero(destination, 51, 0); // overtaken on its lane
    destination.handle(60 * MS, new Event.Received(1, 0, new Message.Announce(1)));
    destination.handle(61 * MS, new Event.Done(Step.ANNOUNCE_ADDRESS));
    destination.handle(
        100 * MS,
        new Event.Received(
            1,
            0,
            new Message.State(
                1, 4, List.of(new PageSet(0, new long[] {3})), 0, Arena.ofAuto().allocate(8))));
    destination.handle(102 * MS, new Event.PagesStored(1, 2, 0, 0, 4)); // the fence
    destination.handle(103 * MS, new Event.Done(Step.FORGET));
    destination.handle(108 * MS, new Event.Done(Step.LOAD));
    destination.handle(109 * MS, new Event.Received(1, 0, new Message.Grant(SESSION, 2, 1)));
    destination.handle(112 * MS, new Event.Persisted(new Authority.Accepted(2, SESSION)));
    destination.handle(120 * MS, new Event.Resumed(4 * MS));
    destination.handle(130 * MS, new Event.Wanted(0, 1, 1));
    destination.handle(131 * MS, new Event.PagesStored(1, 2, 0, 0, 1));
    assertThat(destination.firstAnswerNanos()).isEqualTo(-1);
    destination.handle(134 * MS, new Event.PagesStored(1, 1, 0, 1, 1));
    assertThat(destination.firstAnswerNanos()).isEqualTo(4 * MS);
    assertThat(destination.demandedPages()).isEqualTo(1);
    assertThat(destination.pause())
        .contains(new DestinationPause(2 * MS, 1 * MS, 5 * MS, 1 * MS, 3 * MS, 4 * MS, 16 * MS));
    assertThat(destination.milestones())
        .isEqualTo(
            new DestinationMilestones(
                List.of(5 * MS, 50 * MS), OptionalLong.of(60 * MS), OptionalLong.of(100 * MS)));
  }

  private static void zero(DestinationCore destination, long ms, int round) {
    destination.handle(
        ms * MS, new Event.Received(1, 2, new Message.Zeroes(0, 1, 1, round, false)));
  }
}
