package dev.architekt.node.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Outcome;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.Strategy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How long a wish to cancel takes over a line with a delay, with bulk data under way on it. */
@Timeout(60)
class CancelOverLinkTest {
  private static final long ONE_WAY_MS = 50;
  private static final long AIM_MS = 2 * ONE_WAY_MS + 50;
  private static final int TIMES = 5;

  @TempDir Path directory;

  private static void await(CoreShell shell, String phase) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!shell.status().phase().equals(phase)) {
      assertThat(System.nanoTime()).as("not %s: %s", phase, shell.status()).isLessThan(end);
      Thread.sleep(1);
    }
  }

  private static long untilTold(StoreSide side, Reason reason, long since)
      throws InterruptedException {
    while (true) {
      Effect.Notice notice = side.notices.poll(20, TimeUnit.SECONDS);
      assertThat(notice).as("no notice %s", reason).isNotNull();
      if (notice.reason() == reason) {
        return (System.nanoTime() - since) / 1_000_000;
      }
    }
  }

  @Test
  void beforeTheGrantItTakesARoundTripAndNotMuchMore() throws Exception {
    long[] took = new long[TIMES];
    for (int i = 0; i < TIMES; i++) {
      Path own = directory.resolve("move-" + i);
      try (TestMove move = new TestMove(own, 64 << 20, Strategy.AUTO, ONE_WAY_MS).begin()) {
        await(move.from, "COPYING");
        Thread.sleep(150); // bulk data is on the way
        long asked = System.nanoTime();
        move.to.feed(new Event.Cancel("by hand"));
        took[i] = untilTold(move.destination, Reason.CANCELLED, asked);
        assertThat(move.source.end.get(20, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.STAYED);
        assertThat(move.destination.end.get(20, TimeUnit.SECONDS).reason())
            .isEqualTo(Reason.CANCELLED);
      }
    }
    Arrays.sort(took);
    System.out.println("cancelled over " + 2 * ONE_WAY_MS + " ms after " + Arrays.toString(took));
    assertThat(took[0]).as("faster than the line").isGreaterThanOrEqualTo(2 * ONE_WAY_MS - 1);
    assertThat(took[TIMES / 2]).as("median, ms").isLessThanOrEqualTo(AIM_MS);
  }

  @Test
  void aSourceThatHadStoppedAnsweringAnswersAgain() throws Exception {
    try (TestMove move = new TestMove(directory, 1 << 20, Strategy.POST_COPY, ONE_WAY_MS)) {
      CountDownLatch hooks = move.source.hold(Step.BEFORE_SUSPEND);
      move.begin();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (move.destination.doneAt(Step.ANNOUNCE_ADDRESS) == 0 && System.nanoTime() < end) {
        Thread.sleep(1);
      }
      long asked = System.nanoTime();
      move.to.feed(new Event.Cancel("by hand"));
      untilTold(move.destination, Reason.CANCELLED, asked);
      long again = (move.source.doneAt(Step.RECLAIM_ADDRESS) - asked) / 1_000_000;
      assertThat(again).as("ms until the address is answered for").isBetween(1L, AIM_MS);
      hooks.countDown();
      assertThat(move.source.end.get(20, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.STAYED);
    }
  }

  @Test
  void afterTheGrantItIsSaidWhyNotAndTheMoveIsFinished() throws Exception {
    try (TestMove move = new TestMove(directory, 1 << 20, Strategy.POST_COPY, ONE_WAY_MS)) {
      CountDownLatch accepting = move.destination.hold(Step.PERSIST);
      move.begin();
      await(move.to, "ACCEPTING");
      move.to.feed(new Event.Cancel("by hand"));
      untilTold(move.destination, Reason.ALREADY_GRANTED, System.nanoTime());
      move.from.feed(new Event.Cancel("by hand"));
      untilTold(move.source, Reason.ALREADY_GRANTED, System.nanoTime());
      accepting.countDown();
      assertThat(move.destination.end.get(20, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.MOVED);
      assertThat(move.source.end.get(20, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.MOVED);
    }
  }
}
