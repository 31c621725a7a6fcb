package dev.architekt.node.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A new link only after the last link's stores. */
class StoreGateTest {
  private final StoreGate gate = new StoreGate();

  @Test
  void aLinkWaitsForTheStoreUnderWay() throws InterruptedException {
    CountDownLatch linkUp = new CountDownLatch(1);
    gate.enter();
    Thread link =
        Thread.startVirtualThread(() -> {
          gate.close();
          linkUp.countDown();
          gate.open();
        });
    assertThat(linkUp.await(100, java.util.concurrent.TimeUnit.MILLISECONDS)).isFalse();
    gate.leave();
    assertThat(link.join(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void noStoreIsUnderWayWhileLinksComeUp() throws InterruptedException {
    AtomicInteger storing = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    CountDownLatch together = new CountDownLatch(2);
    List<Thread> lanes = new ArrayList<>();
    for (int lane = 0; lane < 2; lane++) {
      lanes.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 2_000; i++) {
                  gate.enter();
                  most.accumulateAndGet(storing.incrementAndGet(), Math::max);
                  if (i == 0) {
                    together.countDown();
                    awaitBoth(together);
                    most.accumulateAndGet(storing.get(), Math::max);
                  }
                  storing.decrementAndGet();
                  gate.leave();
                }
              }));
    }
    together.await();
    for (int link = 0; link < 500; link++) {
      gate.close();
      seen.addAndGet(storing.get());
      gate.open();
    }
    for (Thread lane : lanes) {
      lane.join();
    }
    assertThat(seen).hasValue(0);
    assertThat(most).as("stores go side by side").hasValue(2);
  }

  private static void awaitBoth(CountDownLatch together) {
    try {
      together.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
