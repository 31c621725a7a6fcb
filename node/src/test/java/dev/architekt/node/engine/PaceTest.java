package dev.architekt.node.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Outcome;
import dev.architekt.migration.message.Strategy;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A limit holds for bulk data, and for nothing that a guest waits for. */
@Timeout(60)
class PaceTest {
  @TempDir Path directory;

  @Test
  void bytesAreSpreadOverTheTimeThatTheLineWouldTake() {
    Pace pace = new Pace();
    pace.limit(1_000_000);
    long now = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    // After a rest 20 ms may be made up for, which is 20 kB.
    assertThat(pace.book(20_000, now) - now).isZero();
    assertThat(pace.book(100_000, now) - now).isEqualTo(100_000_000);
    assertThat(pace.book(100_000, now) - now).isEqualTo(200_000_000);
    // Nobody waits for longer than 5 s at once.
    assertThat(pace.book(100_000_000, now) - now).isEqualTo(5_000_000_000L);
  }

  @Test
  void withoutALimitNobodyWaits() {
    long began = System.nanoTime();
    new Pace().sent(Long.MAX_VALUE);
    assertThat(System.nanoTime() - began).isLessThan(1_000_000_000L);
  }

  @Test
  void aMoveThatIsToUseFourMegabytesASecondTakesAsLongAsThat() throws Exception {
    long began = System.nanoTime();
    try (TestMove move = new TestMove(directory, 8 << 20, Strategy.AUTO, 0, 4_000_000).begin()) {
      assertThat(move.destination.end.get(30, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.MOVED);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    assertThat(seconds).as("8.4 MB at 4 MB/s").isBetween(2.0, 15.0);
  }

  @Test
  void aPageThatAGuestWaitsForDoesNotWaitForTheLimit() throws Exception {
    try (TestMove move = new TestMove(directory, 4 << 20, Strategy.POST_COPY, 0, 100_000).begin()) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!move.to.status().phase().equals("FETCHING")) {
        assertThat(System.nanoTime()).isLessThan(end);
        Thread.sleep(1);
      }
      // All of it takes 42 s; this is its end, which comes last.
      long asked = System.nanoTime();
      move.to.feed(new Event.Wanted(0, 1000, 1));
      while (!move.destination.store.present().get(1000)) {
        assertThat(System.nanoTime() - asked).isLessThan(TimeUnit.SECONDS.toNanos(5));
        Thread.sleep(1);
      }
      assertThat(move.destination.store.absentCount()).isGreaterThan(500);
    }
  }
}
