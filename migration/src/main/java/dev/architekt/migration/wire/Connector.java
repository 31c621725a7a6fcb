package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Dials the links of one session. Keeps the session's token, so that a new link may replace a lost
 * one that the other side still believes in.
 */
public final class Connector implements AutoCloseable {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LASTED = Duration.ofSeconds(1);

  private final InetSocketAddress address;
  private final WireOptions options;
  private final Hello template;

  // Guarded by this.
  private UUID token = Hello.NONE;
  private Link link;
  private boolean closed;
  private Thread keeper;

  /**
   * For one session.
   *
   * @param lanes as in {@link Hello#lanes()}; {@link WireOptions#lanes} counts them
   * @param subject as in {@link Hello#subject()}
   */
  public Connector(
      InetSocketAddress address,
      WireOptions options,
      UUID session,
      Right right,
      int lanes,
      String subject) {
    this.address = address;
    this.options = options;
    this.template =
        new Hello(
            options.features(),
            right,
            Lane.CONTROL,
            lanes,
            session,
            Hello.NONE,
            Hello.NONE,
            options.identity(),
            subject);
  }

  /**
   * Dials all lanes, once. Returns when they are connected; {@code acceptor} is asked for the
   * handler on the control lane's thread.
   *
   * @throws WireException it did not work; {@link WireException#mayRetry} says what a retry is
   *     worth
   */
  public Link connect(LinkAcceptor acceptor) throws WireException {
    Link made = dial();
    synchronized (this) {
      link = made;
      made.start(acceptor);
      if (closed) {
        made.close();
      }
    }
    return made;
  }

  /**
   * Keeps a link up until {@link #close}: dials, waits for its loss, dials again; at once after the
   * loss of a link that had lasted a second, else with growing pauses from 20 ms to 2 s. Each link
   * goes to {@code acceptor}, and so does each failed dial. A refusal that will not mend ends it
   * ({@link LinkAcceptor#ended}); it may be called again then.
   */
  public synchronized void maintain(LinkAcceptor acceptor) {
    if (closed || keeper != null) {
      throw new IllegalStateException(closed ? "closed" : "already maintained");
    }
    keeper = Thread.ofVirtual().name("wire-keeper").start(() -> keep(acceptor));
  }

  private void keep(LinkAcceptor acceptor) {
    Duration pause = Duration.ZERO;
    try {
      while (!isClosed()) {
        try {
          long began = System.nanoTime();
          connect(acceptor).awaitEnd();
          // A link that ends at once, again and again, must not become a busy loop.
          boolean lasted = System.nanoTime() - began > LASTED.toNanos();
          pause = lasted ? Duration.ZERO : longer(pause);
        } catch (WireException e) {
          if (!e.mayRetry()) {
            synchronized (this) {
              keeper = null;
            }
            acceptor.ended(e);
            return;
          }
          pause = longer(pause);
          acceptor.failed(e, pause);
        }
        if (!isClosed()) {
          Thread.sleep(pause);
        }
      }
    } catch (InterruptedException e) {
      // By close(): there is nothing left to keep.
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  private Link dial() throws WireException {
    List<Transport> lanes = new ArrayList<>();
    try {
      UUID number = Hello.NONE;
      String identity = "";
      for (int lane = 0; lane < template.lanes(); lane++) {
        Dial dial = new Dial(address, options);
        Handshake.Welcome welcome = dial.run(template.onLane(lane, token(), number));
        lanes.add(dial.transport());
        number = welcome.link();
        identity = welcome.identity();
        synchronized (this) {
          token = welcome.token();
        }
      }
      Transport control = lanes.getFirst();
      Peer peer = new Peer(control.remote(), identity, control.proof());
      return new Link(template.onLane(0, token(), number), peer, true, options, lanes);
    } catch (WireException e) {
      lanes.forEach(Transport::close);
      throw e;
    }
  }

  private synchronized UUID token() {
    return token;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Closes the link that is up, and dials no more. Does not wait. */
  @Override
  public synchronized void close() {
    closed = true;
    if (keeper != null) {
      keeper.interrupt();
    }
    if (link != null) {
      link.close();
    }
  }
}
