package dev.architekt.migration.wire;

import static dev.architekt.migration.wire.Collector.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.wire.Authorizer.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkTest {
  private final Collector near = new Collector();
  private final Collector far = new Collector();
  private final AtomicReference<Verdict> verdict = new AtomicReference<>(new Verdict.Allow());
  private Listener listener;

  @BeforeEach
  void listen() throws IOException {
    listener =
        Listener.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            WireOptions.of("far"),
            (hello, peer) -> verdict.get(),
            far);
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
  }

  private Connector connector(UUID session, int lanes) throws IOException {
    return connector(session, lanes, WireOptions.of("near"));
  }

  private Connector connector(UUID session, int lanes, WireOptions options) throws IOException {
    return new Connector(listener.address(), options, session, Right.TAKE, lanes, "");
  }

  @Test
  void everyMessageArrivesAsItWasSentOnALaneThatMayCarryIt() throws Exception {
    try (Connector connector = connector(UUID.randomUUID(), WireOptions.lanes(2))) {
      Link link = connector.connect(near);
      Link other = take(far.links);
      assertThat(other.peer().identity()).isEqualTo("near");
      assertThat(link.peer().identity()).isEqualTo("far");
      assertThat(other.bulkLanes()).isEqualTo(2);
      for (Message message : Samples.all()) {
        for (int lane = 0; lane < 4; lane++) {
          if (Tag.of(message).allowedOn(lane)) {
            link.send(lane, message);
            Collector.Arrival arrival = take(far.arrivals);
            assertThat(arrival.lane()).isEqualTo(lane);
            assertThat(Samples.same(message, arrival.message())).as("%s", message).isTrue();
            other.send(lane, message);
            assertThat(Samples.same(message, take(near.arrivals).message())).isTrue();
          }
        }
      }
    }
  }

  @Test
  void aLongStateArrivesWhole() throws Exception {
    try (Connector connector = connector(UUID.randomUUID(), 1)) {
      Link link = connector.connect(near);
      Message.State state =
          new Message.State(1, 0, java.util.List.of(), 0, Samples.bytes(5_000_001));
      link.send(state);
      assertThat(Samples.same(state, take(far.arrivals).message())).isTrue();
    }
  }

  @Test
  void aLaneThatIsUsedNowAndThenDoesNotBecomeSlow() throws Exception {
    try (Connector connector = connector(UUID.randomUUID(), WireOptions.lanes(1))) {
      Link link = connector.connect(near);
      long began = System.nanoTime();
      for (int i = 0; i < 200; i++) {
        link.send(Lane.FIRST_BULK, Samples.pages(0, 0, 64));
        take(far.arrivals);
        Thread.sleep(5);
      }
      // A send queue that shrinks with the rate would make each of them wait for delayed ACKs.
      assertThat(System.nanoTime() - began).isLessThan(8_000_000_000L);
    }
  }

  @Test
  void whatWasSentBeforeClosingArrives() throws Exception {
    for (int i = 0; i < 20; i++) {
      Connector connector = connector(UUID.randomUUID(), WireOptions.lanes(1));
      Link link = connector.connect(near);
      link.send(Lane.FIRST_BULK, Samples.pages(0, 0, 64));
      link.send(new Message.Stop(Reason.CANCELLED, "that is all"));
      connector.close();
      assertThat(link.awaitEnd(Duration.ofSeconds(5))).isTrue();
      assertThat(take(near.losses)).isEqualTo(Collector.CLOSED_HERE);
      assertThat(LaneLostException.onPurpose((WireException) take(far.losses))).isTrue();
      assertThat(far.arrivals).hasSize(2 * (i + 1));
      assertThatThrownBy(() -> link.send(new Message.Describe()))
          .isInstanceOf(LaneLostException.class);
    }
  }

  @Test
  void aNewLinkOfASessionReplacesTheOldOneAfterThatHasEnded() throws Exception {
    try (Connector connector = connector(UUID.randomUUID(), WireOptions.lanes(1))) {
      connector.connect(near);
      take(far.links);
      Link second = connector.connect(near);
      take(far.links);
      WireException replaced = (WireException) take(far.losses);
      assertThat(replaced).hasMessageContaining("replaced by a new link");
      assertThat(LaneLostException.onPurpose(replaced)).isFalse();
      assertThat(take(near.losses)).isInstanceOf(LaneLostException.class);
      second.send(new Message.Describe());
      assertThat(take(far.arrivals).message()).isEqualTo(new Message.Describe());
      assertThat(far.losses).isEmpty();
    }
  }

  @Test
  void aStrangerDoesNotGetASessionThatIsConnected() throws Exception {
    UUID session = UUID.randomUUID();
    try (Connector connector = connector(session, 1);
        Connector stranger = connector(session, 1)) {
      connector.connect(near);
      take(far.links);
      assertThatThrownBy(() -> stranger.connect(near))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.BAD_TOKEN));
      assertThat(far.losses).isEmpty();
    }
  }

  @Test
  void aRefusalSaysWhyOnBothSides() throws Exception {
    verdict.set(new Verdict.Refuse(Refusal.NOT_AUTHORIZED, "near may not take"));
    try (Connector connector = connector(UUID.randomUUID(), 1)) {
      connector.maintain(near);
      assertThat(near.ended.get().getMessage()).contains("near may not take");
      assertThat(take(far.failures).getMessage()).contains("near may not take");
    }
  }

  @Test
  void aLostLinkComesBackByItself() throws Exception {
    try (Connector connector = connector(UUID.randomUUID(), WireOptions.lanes(1))) {
      connector.maintain(near);
      for (int i = 0; i < 5; i++) {
        Link link = take(near.links);
        link.send(new Message.Ping(i));
        assertThat(take(far.arrivals).message()).isEqualTo(new Message.Ping(i));
        // The far side's process dies, as far as this link can see.
        take(far.links).lose(new LaneLostException(Lane.CONTROL, "test", null));
        take(near.losses);
        take(far.losses);
      }
    }
  }

  @Test
  void aSilentLinkIsNoticed() throws Exception {
    WireOptions quick =
        WireOptions.of("near")
            .withTimes(Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofMillis(300));
    try (Connector connector = connector(UUID.randomUUID(), 2, quick)) {
      Link link = connector.connect(near);
      // The far side speaks once a second only, so that 300 ms seem like death.
      assertThat(link.awaitEnd(Duration.ofSeconds(3))).isTrue();
      assertThat(take(near.losses).toString()).contains("nothing heard for");
    }
  }

  @Test
  void aSlowHandlerIsNotSilence() throws Exception {
    WireOptions quick =
        WireOptions.of("x")
            .withTimes(Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofMillis(300));
    Collector slow =
        new Collector() {
          @Override
          public void received(Link link, int lane, Message message) throws IOException {
            try {
              Thread.sleep(1000);
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            super.received(link, lane, message);
          }
        };
    try (Listener other =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                quick,
                (hello, peer) -> new Verdict.Allow(),
                slow);
        Connector connector =
            new Connector(other.address(), quick, UUID.randomUUID(), Right.TAKE, 2, "")) {
      Link link = connector.connect(near);
      link.send(new Message.Describe());
      take(slow.arrivals);
      link.send(new Message.Describe());
      take(slow.arrivals);
      assertThat(link.isOpen()).isTrue();
      assertThat(link.roundTripNanos(Lane.CONTROL)).isBetween(1L, 1_000_000_000L);
    }
  }

  @Test
  void aHandlerThatFailsEndsTheLinkWithItsReason() throws Exception {
    Collector failing =
        new Collector() {
          @Override
          public void received(Link link, int lane, Message message) throws IOException {
            throw new IOException("disk full");
          }
        };
    try (Connector connector = connector(UUID.randomUUID(), 1)) {
      connector.connect(failing);
      take(far.links).send(new Message.Describe());
      assertThat(take(failing.losses).toString()).contains("disk full");
      take(far.losses);
    }
  }

  @Test
  void nobodyThereIsSaidSo() throws Exception {
    InetSocketAddress gone = listener.address();
    listener.close();
    try (Connector connector =
        new Connector(gone, WireOptions.of("near"), UUID.randomUUID(), Right.READ, 1, "")) {
      assertThatThrownBy(() -> connector.connect(near))
          .isInstanceOf(UnreachableException.class)
          .hasMessageContaining("is a peer running there?");
    }
  }
}
