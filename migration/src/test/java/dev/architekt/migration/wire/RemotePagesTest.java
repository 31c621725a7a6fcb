package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.Authorizer.Verdict;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RemotePagesTest {
  private static final int PAGES = 4000;
  private static final int SHORT_TAIL = 1000;

  private final BytesRegion region =
      new BytesRegion(new byte[PAGES * Bounds.PAGE_BYTES - SHORT_TAIL]);
  private final byte[] copy = new byte[PAGES * Bounds.PAGE_BYTES];
  private final BlockingQueue<Link> served = new LinkedBlockingQueue<>();
  private final BlockingQueue<Long> arrived = new LinkedBlockingQueue<>();
  private Listener listener;

  private final PageSink sink =
      new PageSink() {
        @Override
        public void pages(int index, long firstPage, MemorySegment data) {
          MemorySegment.copy(
              data, 0, MemorySegment.ofArray(copy), firstPage * Bounds.PAGE_BYTES, data.byteSize());
          arrived.add(firstPage);
        }

        @Override
        public void zeroes(int index, long firstPage, int pages) {
          int from = (int) firstPage * Bounds.PAGE_BYTES;
          Arrays.fill(copy, from, from + pages * Bounds.PAGE_BYTES, (byte) 0);
          arrived.add(firstPage);
        }
      };

  @BeforeEach
  void serve() throws IOException {
    Random random = new Random(7);
    for (int page = 0; page < PAGES - 1; page++) {
      if (random.nextInt(3) > 0) {
        byte[] content = new byte[Bounds.PAGE_BYTES];
        random.nextBytes(content);
        System.arraycopy(content, 0, region.bytes, page * Bounds.PAGE_BYTES, Bounds.PAGE_BYTES);
      }
    }
    Arrays.fill(copy, (byte) 0x55);
    Message.Description description =
        new Message.Description(
            Samples.SESSION,
            0,
            Map.of(),
            List.of(new RegionInfo("memory", RegionInfo.Kind.MEMORY, PAGES)),
            "");
    ReadService service = new ReadService(description, List.of(region));
    listener =
        Listener.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            WireOptions.of("registry"),
            (hello, peer) -> new Verdict.Allow(),
            link -> {
              served.add(link);
              return service.up(link);
            });
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
  }

  private RemotePages open() throws IOException {
    return RemotePages.open(listener.address(), WireOptions.of("peer"), "", 2, 4 << 20, sink);
  }

  /** Everything, 64 pages at a time. */
  private static PagePlan all() {
    int[] next = {0};
    return pagesMax -> {
      int count = Math.min(pagesMax, PAGES - next[0]);
      next[0] += count;
      return count == 0 ? null : new Message.Demand(0, next[0] - count, count);
    };
  }

  private void assertWhole() {
    byte[] expected = Arrays.copyOf(region.bytes, copy.length);
    assertThat(Arrays.mismatch(expected, copy)).isEqualTo(-1);
  }

  @Test
  void everythingComesInTheBackground() throws Exception {
    try (RemotePages pages = open()) {
      pages.fetch(all()).get(20, TimeUnit.SECONDS);
      assertThat(pages.description().get().regions().getFirst().pages()).isEqualTo(PAGES);
      assertWhole();
    }
  }

  @Test
  void aDemandIsAnsweredExactly() throws Exception {
    try (RemotePages pages = open()) {
      pages.demand(0, 3999, 1);
      assertThat(Collector.take(arrived)).isEqualTo(3999);
      Thread.sleep(50);
      assertThat(arrived).isEmpty();
      int tail = (PAGES - 1) * Bounds.PAGE_BYTES;
      assertThat(Arrays.copyOfRange(copy, tail, copy.length))
          .isEqualTo(new byte[Bounds.PAGE_BYTES]);
    }
  }

  @Test
  void lostLinksCostNoPage() throws Exception {
    try (RemotePages pages = open()) {
      var all = pages.fetch(all());
      for (int i = 0; i < 6 && !all.isDone(); i++) {
        Link link = Collector.take(served);
        pages.demand(0, 100L * i, 100);
        Thread.sleep(5L * i);
        link.lose(new LaneLostException(Lane.CONTROL, "test", null));
      }
      all.get(20, TimeUnit.SECONDS);
      assertWhole();
    }
  }

  @Test
  void aSinkThatFailsEndsIt() throws Exception {
    PageSink full =
        new PageSink() {
          @Override
          public void pages(int index, long firstPage, MemorySegment data) throws IOException {
            throw new IOException("disk full");
          }

          @Override
          public void zeroes(int index, long firstPage, int pages) throws IOException {
            throw new IOException("disk full");
          }
        };
    try (RemotePages pages =
        RemotePages.open(listener.address(), WireOptions.of("peer"), "", 1, 4 << 20, full)) {
      var all = pages.fetch(all());
      assertThatThrownBy(() -> all.get(20, TimeUnit.SECONDS)).hasMessageContaining("disk full");
      assertThat(pages.failure()).isCompletedExceptionally();
    }
  }

  @Test
  void aSourceThatCannotReadSaysSo() throws Exception {
    region.failing = true;
    try (RemotePages pages = open()) {
      var all = pages.fetch(all());
      assertThatThrownBy(() -> all.get(20, TimeUnit.SECONDS))
          .hasMessageContaining("medium error")
          .hasMessageContaining("STORAGE");
    }
  }

  @Test
  void aReaderMayNotDoAnythingElse() throws Exception {
    Collector near = new Collector();
    try (Connector connector =
        new Connector(listener.address(), WireOptions.of("x"), Samples.HOST, Right.READ, 1, "")) {
      Link link = connector.connect(near);
      link.send(new Message.Accepted(1));
      assertThat(Collector.take(near.arrivals).message().toString()).contains("NOT_AUTHORIZED");
      assertThat(link.awaitEnd(java.time.Duration.ofSeconds(5))).isTrue();
    }
  }
}
