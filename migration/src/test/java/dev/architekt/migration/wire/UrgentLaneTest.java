package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.Authorizer.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UrgentLaneTest {
  private static final int DEMANDS = 300;

  private final CountDownLatch bulkMayGoOn = new CountDownLatch(1);
  private final Semaphore answered = new Semaphore(0);

  /** Answers demands, and pushes on two lanes for ever. */
  private LinkHandler source(Link link) {
    var data = RunCodecTest.noise(Bounds.DATA_PAGES_MAX, 1);
    for (int lane = Lane.FIRST_BULK; lane < Lane.FIRST_BULK + 2; lane++) {
      int bulk = lane;
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              while (true) {
                link.send(bulk, new Message.Pages(0, 0, Bounds.DATA_PAGES_MAX, 0, false, data));
              }
            } catch (WireException e) {
              // The end of the test.
            }
          });
    }
    return new LinkHandler() {
      @Override
      public void received(Link from, int lane, Message message) throws IOException {
        Message.Demand demand = (Message.Demand) message;
        from.send(
            lane,
            new Message.Pages(
                0, demand.firstPage(), 1, 0, true, data.asSlice(0, Bounds.PAGE_BYTES)));
      }

      @Override
      public void lost(Link gone, WireException cause) {
        // The end of the test.
      }
    };
  }

  private long[] demandWhilePushed(boolean bulkStands) throws Exception {
    LinkHandler sink =
        new LinkHandler() {
          @Override
          public void received(Link link, int lane, Message message) throws IOException {
            if (lane == Lane.URGENT) {
              answered.release();
            } else if (bulkStands) {
              try {
                bulkMayGoOn.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            }
          }

          @Override
          public void lost(Link link, WireException cause) {}
        };
    long[] nanos = new long[DEMANDS];
    try (Listener listener =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                WireOptions.of("far"),
                (hello, peer) -> new Verdict.Allow(),
                this::source);
        Connector connector =
            new Connector(
                listener.address(),
                WireOptions.of("near"),
                UUID.randomUUID(),
                Right.TAKE,
                WireOptions.lanes(2),
                "")) {
      Link link = connector.connect(ignored -> sink);
      Thread.sleep(500);
      for (int i = 0; i < DEMANDS; i++) {
        long began = System.nanoTime();
        link.send(Lane.URGENT, new Message.Demand(0, i, 1));
        assertThat(answered.tryAcquire(5, TimeUnit.SECONDS)).as("demand %d", i).isTrue();
        nanos[i] = System.nanoTime() - began;
      }
      bulkMayGoOn.countDown();
    }
    Arrays.sort(nanos);
    return nanos;
  }

  @Test
  void demandsAreAnsweredWhileBulkLanesStandStill() throws Exception {
    assertThat(demandWhilePushed(true)[DEMANDS / 2]).isLessThan(50_000_000);
  }

  @Test
  void demandsAreAnsweredUnderFullPush() throws Exception {
    // Far above what is measured (0.2 ms), since the processors are shared with whatever else runs.
    assertThat(demandWhilePushed(false)[DEMANDS / 2]).isLessThan(50_000_000);
  }
}
