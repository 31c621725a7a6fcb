package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Fetches pages from a {@link ReadService}: urgent ones at once and on a connection of their own,
 * all others in the background within a window. Reconnects by itself, and asks again for what was
 * on its way. Thread-safe.
 */
public final class RemotePages implements AutoCloseable {
  /** Urgent demands on their way at once; more wait here, where neighbours are merged. */
  static final int URGENT_MAX = 64;

  private final Connector connector;
  private final PageSink sink;
  private final int windowPages;
  private final CompletableFuture<Message.Description> description = new CompletableFuture<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();

  // Guarded by this. Demands are small and few, so sending one under the lock does not block.
  private final DemandQueue urgent = new DemandQueue();
  private final List<DemandQueue> bulk = new ArrayList<>();
  private final CompletableFuture<Void> background = new CompletableFuture<>();
  private PagePlan plan;
  private boolean planEnded;
  private volatile WireException trouble;
  private int nextBulk;
  private Link link;
  private boolean ready;

  private RemotePages(Connector connector, int bulkLanes, PageSink sink, long windowBytes) {
    this.connector = connector;
    this.sink = sink;
    this.windowPages =
        (int) Math.clamp(windowBytes / Bounds.PAGE_BYTES, Bounds.DATA_PAGES_MAX, 1 << 20);
    for (int i = 0; i < bulkLanes; i++) {
      bulk.add(new DemandQueue());
    }
  }

  /**
   * Starts to connect, and returns at once.
   *
   * @param subject as in {@link Hello#subject()}
   * @param bulkLanes 1 to {@link Lane#BULK_MAX}
   * @param windowBytes of background pages on their way at once; throughput times round trip fills
   *     the line
   */
  public static RemotePages open(
      InetSocketAddress address,
      WireOptions options,
      String subject,
      int bulkLanes,
      long windowBytes,
      PageSink sink) {
    return open(address, options, Right.READ, subject, bulkLanes, windowBytes, sink);
  }

  /**
   * As above.
   *
   * @param right {@link Right#READ}, or {@link Right#DESCRIBE} to be told what there is and no more
   */
  public static RemotePages open(
      InetSocketAddress address,
      WireOptions options,
      Right right,
      String subject,
      int bulkLanes,
      long windowBytes,
      PageSink sink) {
    if (bulkLanes < 1 || bulkLanes > Lane.BULK_MAX) {
      throw new IllegalArgumentException("bulk lanes: expected 1 to 8, found " + bulkLanes);
    }
    Connector connector =
        new Connector(
            address, options, UUID.randomUUID(), right, WireOptions.lanes(bulkLanes), subject);
    RemotePages pages = new RemotePages(connector, bulkLanes, sink, windowBytes);
    connector.maintain(pages.new Attendant());
    return pages;
  }

  /** What is there; completes with the first connection, exceptionally as {@link #failure} does. */
  public CompletableFuture<Message.Description> description() {
    return description;
  }

  /**
   * Completes exceptionally when nothing will come any more: refused, the sink failed, the other
   * side stopped or became another package. A lost connection is none of these.
   */
  public CompletableFuture<Void> failure() {
    return failure;
  }

  /** Asks for pages that somebody waits for. Never blocks and never throws. */
  public void demand(int region, long firstPage, int pages) {
    synchronized (this) {
      for (int done = 0; done < pages; ) {
        int count = Math.min(pages - done, Bounds.DATA_PAGES_MAX);
        Message.Demand demand = new Message.Demand(region, firstPage + done, count);
        if (!urgent.isSent(demand)) {
          urgent.await(demand);
        }
        done += count;
      }
      pumpUrgent();
    }
  }

  /** Why dialling failed last, if it has. It goes on. */
  public Optional<WireException> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Starts to fetch in the background, once; completes when everything planned has come. */
  public CompletableFuture<Void> fetch(PagePlan newPlan) {
    synchronized (this) {
      if (plan != null) {
        throw new IllegalStateException("already fetching in the background");
      }
      plan = newPlan;
      pumpBulk();
    }
    return background;
  }

  private void pumpUrgent() {
    while (ready && urgent.demandsSent() < URGENT_MAX) {
      Message.Demand next = urgent.nextWaiting();
      if (next == null) {
        return;
      }
      urgent.sent(next);
      send(Lane.URGENT, next);
    }
  }

  private void pumpBulk() {
    int window = bulk.stream().mapToInt(DemandQueue::pagesSent).sum();
    int idle = 0;
    while (ready
        && plan != null
        && idle < bulk.size()
        && windowPages - window >= Bounds.DATA_PAGES_MAX) {
      DemandQueue queue = bulk.get(nextBulk);
      Message.Demand next = queue.nextWaiting();
      if (next == null && !planEnded) {
        next = plan.next(Bounds.DATA_PAGES_MAX);
        planEnded = next == null;
      }
      if (next == null) {
        idle++;
      } else {
        idle = 0;
        queue.sent(next);
        send(Lane.FIRST_BULK + nextBulk, next);
        window += next.pages();
      }
      nextBulk = (nextBulk + 1) % bulk.size();
    }
    if (planEnded && bulk.stream().allMatch(DemandQueue::isEmpty)) {
      // Elsewhere, since what hangs on it must not run under the lock.
      background.completeAsync(() -> null);
    }
  }

  private void send(int lane, Message.Demand demand) {
    try {
      link.send(lane, demand);
    } catch (WireException e) {
      // The link reports its own loss, and the demand goes again on the next one.
      ready = false;
    }
  }

  private void fail(IOException cause) {
    failure.completeExceptionally(cause);
    description.completeExceptionally(cause);
    background.completeExceptionally(cause);
    connector.close();
  }

  /** Ends the fetching; what has not come does not come. */
  @Override
  public void close() {
    fail(new IOException("closed by this side"));
  }

  /** The side of this that the wire sees. */
  private final class Attendant implements LinkAcceptor, LinkHandler {
    @Override
    public LinkHandler up(Link newLink) {
      synchronized (RemotePages.this) {
        link = newLink;
      }
      try {
        newLink.send(new Message.Describe());
      } catch (WireException e) {
        // Lost already; lost() follows.
        return this;
      }
      return this;
    }

    @Override
    public void received(Link from, int lane, Message message) throws IOException {
      switch (message) {
        case Message.Description found -> described(found);
        case Message.Pages m -> {
          deliver(() -> sink.pages(m.region(), m.firstPage(), m.data()));
          arrived(lane, m.region(), m.firstPage(), m.pages());
        }
        case Message.Zeroes m -> {
          deliver(() -> sink.zeroes(m.region(), m.firstPage(), m.pages()));
          arrived(lane, m.region(), m.firstPage(), m.pages());
        }
        case Message.Stop stop ->
            fail(
                new IOException(
                    from.peer() + " stopped serving: " + stop.text() + " (" + stop.reason() + ")"));
        default -> throw new ProtocolException("expected pages, found " + Tag.of(message));
      }
    }

    private void described(Message.Description found) {
      if (description.isCompletedExceptionally()) {
        return;
      }
      if (!description.complete(found) && !description.join().equals(found)) {
        fail(
            new IOException(
                "expected instance "
                    + description.join().instance()
                    + " as before, found "
                    + found.instance()
                    + " or another shape of it"));
        return;
      }
      synchronized (RemotePages.this) {
        ready = true;
        pumpUrgent();
        pumpBulk();
      }
    }

    private void deliver(Delivery delivery) throws IOException {
      try {
        delivery.run();
      } catch (IOException e) {
        fail(e);
        throw e;
      }
    }

    private void arrived(int lane, int region, long first, int pages) throws IOException {
      synchronized (RemotePages.this) {
        if (lane == Lane.URGENT) {
          urgent.arrived(region, first, pages);
          pumpUrgent();
        } else {
          bulk.get(lane - Lane.FIRST_BULK).arrived(region, first, pages);
          pumpBulk();
        }
      }
    }

    @Override
    public void lost(Link gone, WireException cause) {
      synchronized (RemotePages.this) {
        ready = false;
        urgent.lost();
        bulk.forEach(DemandQueue::lost);
      }
    }

    @Override
    public void failed(WireException cause, Duration next) {
      trouble = cause;
    }

    @Override
    public void ended(WireException cause) {
      fail(cause);
    }
  }

  /** Hands pages to the sink. */
  private interface Delivery {
    void run() throws IOException;
  }
}
