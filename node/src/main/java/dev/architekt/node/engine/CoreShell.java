package dev.architekt.node.engine;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Status;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.LaneLostException;
import dev.architekt.migration.wire.Link;
import dev.architekt.migration.wire.LinkHandler;
import dev.architekt.migration.wire.WireException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Feeds one protocol core and does what it says. Thread-safe; see the package for which thread does
 * what.
 */
public final class CoreShell implements AutoCloseable {
  private static final long TICK_MS = 100;
  private static final System.Logger LOG = System.getLogger(CoreShell.class.getName());

  private final String name;
  private final Core core;
  private final Actions actions;
  private final Map<Integer, Port> ports = new HashMap<>();
  private final ArrayDeque<Effect> pending = new ArrayDeque<>();
  private final ExecutorService steps;
  private final Thread ticker;
  private final StoreGate stores = new StoreGate();
  private boolean hungUp;
  private int nextLink = 1;
  private volatile boolean closed;

  /** One link that is up: its number for the core, and a sender a lane. */
  private final class Port implements LinkHandler {
    final int number;
    final Link link;
    final List<LaneSender> senders = new ArrayList<>();
    final Pace pace = new Pace();

    Port(int number, Link link) {
      this.number = number;
      this.link = link;
      link.base(actions.base());
      int lanes = link.hello().lanes();
      for (int lane = 0; lane < lanes; lane++) {
        senders.add(new LaneSender(name + "-send-" + lane));
      }
    }

    @Override
    public void received(Link from, int lane, Message message) throws IOException {
      if (message instanceof Message.Pages || message instanceof Message.Zeroes) {
        receivePages(this, lane, message);
      } else {
        feed(new Event.Received(number, lane, message));
      }
    }

    @Override
    public void lost(Link from, WireException cause) {
      senders.forEach(LaneSender::close);
      synchronized (CoreShell.this) {
        ports.remove(number);
        hungUp = LaneLostException.onPurpose(cause);
      }
      feed(new Event.LinkDown(number));
    }
  }

  public CoreShell(String name, Core core, Actions actions) {
    this.name = name;
    this.core = core;
    this.actions = actions;
    this.steps =
        Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name(name + "-step-", 0).factory());
    this.ticker = Thread.ofPlatform().daemon().name(name + "-ticker").unstarted(this::tick);
  }

  /** Starts the clock. */
  public CoreShell start() {
    ticker.start();
    return this;
  }

  private void tick() {
    try {
      while (!closed) {
        Thread.sleep(TICK_MS);
        feed(new Event.Tick());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A link has come up; the handler that receives on it. */
  public LinkHandler up(Link link) {
    Port port;
    List<Effect> effects;
    // A core hears of a link after every store of the one before it: what is put away later could
    // overwrite what the new link brings. From then on it ignores what the old one still delivers.
    stores.close();
    try {
      synchronized (this) {
        port = new Port(nextLink++, link);
        ports.put(port.number, port);
        effects = think(new Event.LinkUp(port.number, link.bulkLanes()));
      }
    } finally {
      stores.open();
    }
    effects.forEach(this::start);
    return port;
  }

  /** Whether somebody is at the other end of a link. */
  public synchronized boolean linked() {
    return !ports.isEmpty();
  }

  /** Whether the last link was closed by the other side, and not lost. */
  public synchronized boolean hungUp() {
    return hungUp && ports.isEmpty();
  }

  public synchronized Status status() {
    return core.status();
  }

  /** Tells the core, and starts whatever it wants done. */
  public void feed(Event event) {
    for (Effect effect : think(event)) {
      start(effect);
    }
  }

  private synchronized List<Effect> think(Event event) {
    if (closed) {
      return List.of();
    }
    // The core's order is the order of starting: effects of one call are started before those of
    // the next.
    pending.addAll(core.handle(event, System.nanoTime()));
    List<Effect> effects = new ArrayList<>();
    for (Effect effect = pending.poll(); effect != null; effect = pending.poll()) {
      if (!startOrdered(effect)) {
        effects.add(effect);
      }
    }
    return effects;
  }

  /**
   * Hands what must keep its order on a lane to that lane's sender, under the lock; whether it was
   * one of those.
   */
  private boolean startOrdered(Effect effect) {
    switch (effect) {
      case Effect.Send(int link, int lane, Message message) ->
          submit(link, lane, (port, reader) -> port.link.send(lane, message));
      case Effect.SendExtent extent ->
          submit(extent.link(), extent.lane(), (port, reader) -> sendExtent(port, extent, reader));
      default -> {
        return false;
      }
    }
    return true;
  }

  private interface Sending {
    void run(Port port, ExtentReader reader) throws IOException;
  }

  private void submit(int link, int lane, Sending sending) {
    Port port = ports.get(link);
    if (port == null || lane >= port.senders.size()) {
      return; // the link is gone, and the core is told
    }
    port.senders
        .get(lane)
        .submit(reader -> {
          try {
            sending.run(port, reader);
          } catch (WireException e) {
            LOG.log(System.Logger.Level.DEBUG, "lane {0}: {1}", lane, e.getMessage());
          } catch (IOException | RuntimeException | LinkageError e) {
            feed(new Event.Failed(Step.SEND, Answers.reasonOf(Step.SEND), text(e)));
          }
        });
  }

  private void sendExtent(Port port, Effect.SendExtent extent, ExtentReader reader)
      throws IOException {
    long before = port.link.sent(extent.lane()).bytes();
    long[] pages = new long[2];
    actions.read(
        extent,
        reader,
        message -> {
          long sentBefore = port.link.sent(extent.lane()).bytes();
          port.link.send(extent.lane(), message);
          if (extent.lane() >= Lane.FIRST_BULK) {
            port.pace.sent(port.link.sent(extent.lane()).bytes() - sentBefore);
          }
          switch (message) {
            case Message.Pages data -> pages[0] += data.pages();
            case Message.Zeroes zero -> pages[1] += zero.pages();
            default -> throw new IllegalStateException("not pages: " + message);
          }
        });
    long bytes = port.link.sent(extent.lane()).bytes() - before;
    feed(new Event.Sent(pages[0], pages[1], bytes));
  }

  /** Pages are put away by the lane's own thread, while their buffer is valid. */
  private void receivePages(Port port, int lane, Message message) throws IOException {
    stores.enter();
    try {
      store(port, lane, message);
    } finally {
      stores.leave();
    }
  }

  private void store(Port port, int lane, Message message) {
    for (Effect effect : think(new Event.Received(port.number, lane, message))) {
      if (effect
              instanceof
              Effect.Store(int link, int of, Message pages, boolean onlyAbsent, boolean warm)
          && pages == message) {
        put(port, lane, message, onlyAbsent, warm);
      } else {
        start(effect);
      }
    }
  }

  private void put(Port port, int lane, Message message, boolean onlyAbsent, boolean warm) {
    try {
      actions.store(message, onlyAbsent, warm);
      feed(
          switch (message) {
            case Message.Pages p ->
                new Event.PagesStored(port.number, lane, p.region(), p.firstPage(), p.pages());
            case Message.Zeroes z ->
                new Event.PagesStored(port.number, lane, z.region(), z.firstPage(), z.pages());
            default -> throw new IllegalStateException("not pages: " + message);
          });
    } catch (IOException e) {
      feed(new Event.Failed(Step.STORE, Answers.reasonOf(Step.STORE), text(e)));
    }
  }

  private void start(Effect effect) {
    switch (effect) {
      case Effect.Send send -> throw new IllegalStateException("ordered: " + send);
      case Effect.SendExtent send -> throw new IllegalStateException("ordered: " + send);
      case Effect.Store store ->
          throw new IllegalStateException("nobody holds the data of " + store);
      case Effect.Take(Step step) -> take(step, effect);
      case Effect.Journal journal -> take(Step.JOURNAL, journal);
      case Effect.Persist persist -> take(Step.PERSIST, persist);
      case Effect.StartTracking tracking -> take(Step.TRACK, tracking);
      case Effect.Keep keep -> take(Step.KEEP_STATE, keep);
      case Effect.Prepare prepare -> take(Step.PREPARE, prepare);
      case Effect.Forget forget -> take(Step.FORGET, forget);
      case Effect.Load load -> take(Step.LOAD, load);
      case Effect.Inject(List<byte[]> frames) -> steps.execute(() -> inject(frames));
      case Effect.Disconnect(int link) -> port(link).ifPresent(port -> port.link.close());
      case Effect.Limit(int link, long bytesPerSecond) ->
          port(link).ifPresent(port -> port.pace.limit(bytesPerSecond));
      case Effect.Told(Account account) -> actions.told(account);
      case Effect.Notice notice -> actions.notice(notice);
      case Effect.Finished finished -> actions.finished(finished);
    }
  }

  private synchronized Optional<Port> port(int link) {
    return Optional.ofNullable(ports.get(link));
  }

  private void take(Step step, Effect effect) {
    steps.execute(() -> {
      Event answer;
      try {
        FaultPoint.before(name, step);
        answer = actions.take(step, effect);
        FaultPoint.after(name, step);
      } catch (Refused e) {
        answer = new Event.Failed(step, e.reason(), text(e));
      } catch (Exception e) {
        LOG.log(System.Logger.Level.DEBUG, "step " + step + " failed", e);
        answer = new Event.Failed(step, Answers.reasonOf(step), text(e));
      }
      feed(answer);
    });
  }

  private void inject(List<byte[]> frames) {
    try {
      actions.inject(frames);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "frames that waited could not be passed on", e);
    }
  }

  private static String text(Throwable failure) {
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return text.length() <= 1000 ? text : text.substring(0, 1000);
  }

  /** Ends the clock and the links. Steps in progress end by themselves; nothing is fed any more. */
  @Override
  public void close() {
    closed = true;
    ticker.interrupt();
    List<Port> open;
    synchronized (this) {
      open = List.copyOf(ports.values());
    }
    open.forEach(port -> port.link.close());
    steps.shutdown();
  }
}
