package dev.architekt.node.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.core.Outcome;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Strategy;
import dev.architekt.region.LocalStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Connections that are cut at random moments and come back: the move goes on by itself, and little
 * is sent twice: the message that is on each lane when it is cut, a quarter of a MiB, and no more.
 */
@Timeout(60)
class CutLinksTest {
  private static final long BYTES = 192 << 20;
  private static final int CUTS = 3;

  /** What may be sent again, of all that is sent. */
  private static final double AGAIN = 0.01;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"AUTO, 1", "POST_COPY, 2"})
  void itGoesOnAndSendsLittleAgain(Strategy strategy, long seed) throws Exception {
    Random random = new Random(seed);
    try (TestMove move = new TestMove(directory, BYTES, strategy, 0, 40_000_000).begin()) {
      for (int cut = 0; cut < CUTS; cut++) {
        Thread.sleep(200 + random.nextInt(800));
        move.relay.cut();
      }
      assertThat(move.destination.end.isDone()).as("cut while it moves").isFalse();
      move.destination.end.completeOnTimeout(null, 40, TimeUnit.SECONDS).join();
      assertThat(move.destination.end.join())
          .as("source %s, destination %s", move.from.status(), move.to.status())
          .isNotNull();
      assertThat(move.destination.end.join().outcome()).isEqualTo(Outcome.MOVED);
      long pages = BYTES / Bounds.PAGE_BYTES;
      long again = move.source.sentPages.get() - pages;
      System.out.printf(
          "%s: %d cuts, %d of %d pages sent again (%.2f %%)%n",
          strategy, CUTS, again, pages, 100.0 * again / pages);
      assertThat(again).as("pages sent again").isBetween(0L, (long) (AGAIN * pages));
      requireEqual(move.source.store, move.destination.store);
    }
  }

  private static void requireEqual(LocalStore a, LocalStore b) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment there = arena.allocate(1 << 20);
      MemorySegment here = arena.allocate(1 << 20);
      for (long at = 0; at < BYTES; at += 1 << 20) {
        a.read(at, there);
        b.read(at, here);
        assertThat(there.mismatch(here)).as("first byte that differs from " + at).isEqualTo(-1);
      }
    }
  }
}
