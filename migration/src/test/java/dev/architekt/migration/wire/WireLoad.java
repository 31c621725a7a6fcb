package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.Authorizer.Verdict;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A measurement by hand: a source that pushes as fast as it can, and a destination that demands a
 * page every few milliseconds meanwhile.
 *
 * <p>{@code serve HOST PORT text|noise [TLS-DIR]}; {@code dial HOST PORT SECONDS BULK-LANES
 * WINDOW-MIB [TLS-DIR]}, with 0 seconds of pushing for the idle line.
 */
final class WireLoad {
  private WireLoad() {}

  public static void main(String[] args) throws Exception {
    InetSocketAddress address = new InetSocketAddress(args[1], Integer.parseInt(args[2]));
    if (args[0].equals("serve")) {
      serve(address, args[3].equals("noise"), args.length > 4 ? args[4] : null);
    } else {
      dial(
          address,
          Integer.parseInt(args[3]),
          Integer.parseInt(args[4]),
          Long.parseLong(args[5]) << 20,
          args.length > 6 ? args[6] : null);
    }
  }

  private static WireOptions options(String tls) throws IOException {
    WireOptions options =
        WireOptions.of("load").withBulkQueue(Integer.getInteger("queue", BulkQueue.BYTES_MAX));
    return tls == null ? options : options.withTls(Tls.fromDirectory(Path.of(tls)));
  }

  private static void serve(InetSocketAddress address, boolean noise, String tls) throws Exception {
    MemorySegment data = noise ? RunCodecTest.noise(64, 1) : RunCodecTest.text(64);
    Listener.open(
        address, options(tls), (hello, peer) -> new Verdict.Allow(), link -> new Source(data));
    Thread.sleep(Long.MAX_VALUE);
  }

  /** Pushes from Begin on. */
  private static final class Source implements LinkHandler {
    private final MemorySegment data;
    private final AtomicLong[] stored = new AtomicLong[Lane.COUNT_MAX];
    private Semaphore window;

    Source(MemorySegment data) {
      this.data = data;
      Arrays.setAll(stored, i -> new AtomicLong());
    }

    @Override
    public void received(Link link, int lane, Message message) throws IOException {
      switch (message) {
        case Message.Begin begin -> {
          window = new Semaphore((int) (begin.windowBytes() / Wire.RUN_BYTES_MAX));
          for (int i = 0; i < link.bulkLanes(); i++) {
            int bulk = Lane.FIRST_BULK + i;
            Thread.ofPlatform().daemon().start(() -> push(link, bulk));
          }
        }
        case Message.Stored m -> {
          long before = stored[m.lane()].getAndSet(m.pages());
          window.release((int) ((m.pages() - before) / Bounds.DATA_PAGES_MAX));
        }
        case Message.Demand m ->
            link.send(
                lane,
                new Message.Pages(
                    m.region(), m.firstPage(), 1, 0, true, data.asSlice(0, Bounds.PAGE_BYTES)));
        default -> throw new IOException("unexpected " + message);
      }
    }

    private void push(Link link, int lane) {
      try {
        while (link.isOpen()) {
          window.acquire();
          link.send(lane, new Message.Pages(0, 0, Bounds.DATA_PAGES_MAX, 0, false, data));
        }
      } catch (WireException | InterruptedException e) {
        System.err.println(e.getMessage());
      }
    }

    @Override
    public void lost(Link link, WireException cause) {
      System.err.println("lost: " + cause);
    }
  }

  private static void dial(
      InetSocketAddress address, int seconds, int bulkLanes, long window, String tls)
      throws Exception {
    Semaphore answered = new Semaphore(0);
    long[] pages = new long[Lane.COUNT_MAX];
    LinkHandler sink =
        new LinkHandler() {
          @Override
          public void received(Link link, int lane, Message message) throws IOException {
            if (lane == Lane.URGENT) {
              answered.release();
            } else if (message instanceof Message.Pages m) {
              pages[lane] += m.pages();
              link.send(new Message.Stored(lane, pages[lane]));
            }
          }

          @Override
          public void lost(Link link, WireException cause) {}
        };
    try (Connector connector =
        new Connector(
            address,
            options(tls),
            UUID.randomUUID(),
            Right.TAKE,
            WireOptions.lanes(bulkLanes),
            "")) {
      Link link = connector.connect(ignored -> sink);
      measure(link, answered, 2, "idle   ");
      link.send(
          new Message.Begin(
              UUID.randomUUID(),
              UUID.randomUUID(),
              dev.architekt.migration.message.Strategy.AUTO,
              0,
              window,
              java.util.List.of(-1L)));
      Thread.sleep(1500);
      measure(link, answered, seconds, "pushing");
    }
  }

  private static void measure(Link link, Semaphore answered, int seconds, String title)
      throws Exception {
    long[] latencies = new long[seconds * 500];
    int count = 0;
    long start = System.nanoTime();
    long bytesBefore = bytes(link, true);
    long plainBefore = bytes(link, false);
    while (System.nanoTime() - start < seconds * 1_000_000_000L && count < latencies.length) {
      long began = System.nanoTime();
      link.send(Lane.URGENT, new Message.Demand(0, count, 1));
      answered.acquire();
      latencies[count++] = System.nanoTime() - began;
      Thread.sleep(3);
    }
    double elapsed = (System.nanoTime() - start) / 1e9;
    long[] sorted = Arrays.copyOf(latencies, count);
    Arrays.sort(sorted);
    System.out.printf(
        "%s demands %5d  p50 %7.2f ms  p90 %7.2f ms  p99 %7.2f ms  max %7.2f ms   wire %7.1f MB/s"
            + "  plain %7.1f MB/s  rtt(control) %.2f ms%n",
        title,
        count,
        sorted[count / 2] / 1e6,
        sorted[count * 9 / 10] / 1e6,
        sorted[count * 99 / 100] / 1e6,
        sorted[count - 1] / 1e6,
        (bytes(link, true) - bytesBefore) / 1e6 / elapsed,
        (bytes(link, false) - plainBefore) / 1e6 / elapsed,
        link.roundTripNanos(Lane.CONTROL) / 1e6);
  }

  private static long bytes(Link link, boolean wire) {
    long sum = 0;
    for (int lane = Lane.FIRST_BULK; lane < Lane.FIRST_BULK + link.bulkLanes(); lane++) {
      sum += wire ? link.received(lane).bytes() : link.received(lane).plainBytes();
    }
    return sum;
  }
}
