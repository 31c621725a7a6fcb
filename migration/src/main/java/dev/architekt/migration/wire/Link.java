package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of one session while they live: a control lane and, when asked for, an urgent
 * lane and bulk lanes. When one is lost the link is lost; a session goes on with a new link.
 *
 * <p>Thread-safe. Each lane has a platform thread that reads it ({@code wire-…-<lane>}).
 */
public final class Link implements AutoCloseable {
  private static final Duration CLOSING_MAX = Duration.ofSeconds(2);

  private final Hello hello;
  private final Peer peer;
  private final boolean dialed;
  private final WireOptions options;
  private final List<LaneConnection> lanes;
  private final List<Thread> readers = new ArrayList<>();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicInteger goodbyes = new AtomicInteger();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile WireException cause;
  private volatile boolean closing;
  private volatile LinkHandler handler;

  Link(Hello hello, Peer peer, boolean dialed, WireOptions options, List<Transport> transports) {
    this.hello = hello;
    this.peer = peer;
    this.dialed = dialed;
    this.options = options;
    List<LaneConnection> connections = new ArrayList<>();
    for (int lane = 0; lane < transports.size(); lane++) {
      LaneConnection control = lane == Lane.CONTROL ? null : connections.getFirst();
      connections.add(new LaneConnection(lane, transports.get(lane), control, options));
    }
    this.lanes = List.copyOf(connections);
  }

  /** What the dialer asked for. */
  public Hello hello() {
    return hello;
  }

  public Peer peer() {
    return peer;
  }

  /** Whether this side dialed. */
  public boolean dialed() {
    return dialed;
  }

  /** How many bulk lanes there are, for {@link Lane#ofPage}; 0 or more. */
  public int bulkLanes() {
    return Math.max(0, lanes.size() - Lane.FIRST_BULK);
  }

  /**
   * Pages that both sides have, from now on: those sent that equal one of them travel as a
   * reference, if the dialer said in its HELLO that it understands that.
   */
  public void base(BasePages pages) {
    boolean send = (hello.features() & Wire.FEATURE_BASE) != 0;
    lanes.forEach(lane -> lane.base(pages, send));
  }

  /** Sends on the control lane. */
  public void send(Message message) throws WireException {
    send(Lane.CONTROL, message);
  }

  /**
   * Sends on a lane; blocks until the kernel has all of it, so a slow line slows its callers. The
   * data of Pages is not used after this returns, and must not change before.
   *
   * @throws WireException the link is lost; it says by what
   */
  public void send(int lane, Message message) throws WireException {
    WireException lost = cause;
    if (ending.get()) {
      throw new LaneLostException(
          lane, "the link is gone" + (lost == null ? "" : " already"), lost);
    }
    try {
      lanes.get(lane).write(message);
    } catch (IOException e) {
      WireException reason = reason(lane, "writing", e);
      lose(reason);
      throw cause == null || cause == reason
          ? reason
          : new LaneLostException(lane, "the link is gone", cause);
    }
  }

  /** What was sent on a lane. */
  public LaneMeter sent(int lane) {
    return lanes.get(lane).sent();
  }

  /** What was received on a lane. */
  public LaneMeter received(int lane) {
    return lanes.get(lane).received();
  }

  /**
   * The last round trip on a lane, nanoseconds, 0 while unknown; waits of the other side excluded.
   */
  public long roundTripNanos(int lane) {
    return lanes.get(lane).roundTrip().last();
  }

  public boolean isOpen() {
    return !ending.get();
  }

  /** What ended the link; null while it lives, and when this side closed it. */
  public WireException cause() {
    return cause;
  }

  /** Waits until the handler has been told of the end; whether it was in time. */
  public boolean awaitEnd(Duration most) throws InterruptedException {
    return done.await(most.toNanos(), TimeUnit.NANOSECONDS);
  }

  void awaitEnd() throws InterruptedException {
    done.await();
  }

  /**
   * Ends the link on purpose. What was sent before still arrives; what the other side sends from
   * now on is dropped. Does not wait; {@link LinkHandler#lost} follows, with null.
   */
  @Override
  public void close() {
    if (!ending.compareAndSet(false, true)) {
      return;
    }
    closing = true;
    thread("end", this::finish).start();
  }

  private void finish() {
    // A write in progress, or another side that does not read, must not hold this up for ever.
    try (Deadline limit = Deadline.after(CLOSING_MAX, this::disconnect)) {
      for (LaneConnection lane : lanes) {
        lane.finish();
      }
    } catch (IOException e) {
      // It was to end anyway; what did not get through is what the other side's loss is about.
      disconnect();
    }
    try (Deadline limit = Deadline.after(CLOSING_MAX, this::disconnect)) {
      reap();
    }
  }

  /** Brings the link to life: {@code acceptor} is asked on the control lane's own thread. */
  void start(LinkAcceptor acceptor) {
    Thread control = thread(LaneLostException.name(Lane.CONTROL), () -> open(acceptor));
    readers.add(control);
    control.start();
  }

  private void open(LinkAcceptor acceptor) {
    try {
      handler = acceptor.up(this);
    } catch (RuntimeException | Error e) {
      handler = new Nobody();
      lose(new LaneLostException(Lane.CONTROL, "this side failed to take the link: " + e, e));
      throw e;
    }
    for (LaneConnection lane : lanes.subList(1, lanes.size())) {
      Thread thread = thread(LaneLostException.name(lane.lane()), () -> read(lane));
      readers.add(thread);
      thread.start();
    }
    new LinkWatch(this, lanes, options).start();
    read(lanes.get(Lane.CONTROL));
  }

  private Thread thread(String role, Runnable work) {
    String name = "wire-" + peer.identity() + "-" + role.replace(' ', '-');
    return Thread.ofPlatform().daemon().name(name).unstarted(work);
  }

  private void read(LaneConnection lane) {
    try {
      while (closing || !ending.get()) {
        Message message = lane.next();
        if (message == null) {
          goodbye(lane);
          return;
        }
        if (!ending.get()) {
          handler.received(this, lane.lane(), message);
        }
      }
    } catch (IOException e) {
      lose(reason(lane.lane(), "reading", e));
    } catch (RuntimeException e) {
      lose(new LaneLostException(lane.lane(), "this side failed: " + e, e));
    } catch (Error e) {
      lose(new LaneLostException(lane.lane(), "this side failed: " + e, e));
      throw e;
    }
  }

  /** The other side closes: what it sent before on the other lanes is still taken. */
  private void goodbye(LaneConnection lane) {
    WireException end = LaneLostException.goodbye(lane.lane());
    int count = goodbyes.incrementAndGet();
    if (count == lanes.size()) {
      lose(end);
    } else if (count == 1) {
      Deadline.after(CLOSING_MAX, () -> lose(end));
    }
  }

  /** Ends the link with what happened; only the first cause counts. */
  void lose(WireException why) {
    if (ending.compareAndSet(false, true)) {
      cause = why;
      disconnect();
      thread("end", this::reap).start();
    }
  }

  private void disconnect() {
    for (LaneConnection lane : lanes) {
      lane.transport().close();
    }
  }

  /** Waits for the last delivery, then tells the handler. */
  private void reap() {
    try {
      // The control lane's thread starts the others before it reads, so the list is whole by then.
      readers.getFirst().join();
      for (Thread reader : readers) {
        reader.join();
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts this thread", e);
    }
    disconnect();
    try {
      handler.lost(this, cause);
    } finally {
      done.countDown();
    }
  }

  private static WireException reason(int lane, String doing, IOException e) {
    return e instanceof WireException known
        ? known
        : new LaneLostException(lane, doing + ": " + e, e);
  }

  /** Stands in when the acceptor failed: there is nobody to tell. */
  private static final class Nobody implements LinkHandler {
    @Override
    public void received(Link link, int lane, Message message) {}

    @Override
    public void lost(Link link, WireException cause) {}
  }
}
