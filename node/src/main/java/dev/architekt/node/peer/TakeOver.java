package dev.architekt.node.peer;

import dev.architekt.migration.core.DestinationConfig;
import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Outcome;
import dev.architekt.migration.core.Recovered;
import dev.architekt.migration.core.Status;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.Strategy;
import dev.architekt.migration.wire.Connector;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Facts;
import dev.architekt.node.Wiring;
import dev.architekt.node.engine.Core;
import dev.architekt.node.engine.CoreShell;
import dev.architekt.node.engine.DestinationActions;
import dev.architekt.node.engine.Refused;
import dev.architekt.node.engine.Rehearsal;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Takes a running VM over from another peer: the destination's side of one migration, from dialling
 * to the last chunk.
 */
final class TakeOver implements DestinationActions.Watcher, AutoCloseable {
  private static final int CONSOLE_LINES = 5;

  private static final System.Logger LOG = System.getLogger(TakeOver.class.getName());

  private final Host host;
  private final PeerOptions options;
  private final InetSocketAddress source;
  private final WireOptions wire;
  private final DestinationCore core;
  private final DestinationActions actions;
  private final CoreShell shell;
  private final Connector connector;
  private final Optional<BlobClient> boot;
  private final CompletableFuture<Effect.Finished> end = new CompletableFuture<>();
  private final long began = System.nanoTime();
  private volatile long preparedAfter = -1;
  private volatile long resumedAfter = -1;
  private volatile StatusWatch statusWatch = (status, plane) -> {};
  private final Cancelling cancelling;
  private final Convergence convergence;

  private TakeOver(
      Host host,
      PeerOptions options,
      InetSocketAddress source,
      WireOptions wire,
      AuthorityFile authority,
      DestinationCore core,
      UUID session,
      DataPlane adopted,
      Optional<BlobClient> boot)
      throws IOException {
    this.host = host;
    this.boot = boot;
    this.options = options;
    this.source = source;
    this.wire = wire;
    this.core = core;
    this.cancelling = new Cancelling(host.output(), name(source));
    this.convergence = new Convergence(host.output(), strategy(options.strategy()));
    CompletableFuture<CoreShell> itself = new CompletableFuture<>();
    this.actions =
        new DestinationActions(
            authority, this::prepare, this, adopted, event -> feed(itself, event));
    this.shell = new CoreShell("destination", Core.of(core), actions);
    itself.complete(shell);
    this.connector =
        new Connector(source, wire, session, Right.TAKE, WireOptions.lanes(Wiring.BULK_LANES), "");
  }

  /**
   * At once, or as soon as there is somebody to feed: an adopted VM may wait for a page already,
   * and asks for it while this is being made.
   */
  private static void feed(CompletableFuture<CoreShell> shell, Event event) {
    CoreShell known = shell.getNow(null);
    if (known != null) {
      known.feed(event);
    } else {
      shell.thenAccept(made -> made.feed(event));
    }
  }

  /**
   * A new migration to this host.
   *
   * @param boot a link to the source to read kernel and initial RAM disk over; closed with this
   */
  static TakeOver begin(
      Host host,
      PeerOptions options,
      InetSocketAddress source,
      WireOptions wire,
      AuthorityFile authority,
      BlobClient boot)
      throws IOException {
    // Before anything is promised there: a process that comes after this one must find the source.
    host.state().write(PackageStart.SOURCE, name(source).getBytes(StandardCharsets.UTF_8));
    UUID session = UUID.randomUUID();
    DestinationConfig config =
        new DestinationConfig(
            session,
            NodeIdentity.of(host.state()),
            strategy(options.strategy()),
            options.gapTarget().toNanos(),
            Wiring.WINDOW_BYTES,
            options.bytesPerSecondMost(),
            options.giveUpAfter().map(Duration::toNanos).orElse(0L));
    return new TakeOver(
        host,
        options,
        source,
        wire,
        authority,
        new DestinationCore(config, authority.authority()),
        session,
        null,
        Optional.of(boot));
  }

  /** Goes on with one that a predecessor of this process began. */
  static TakeOver recover(
      Host host,
      PeerOptions options,
      InetSocketAddress source,
      WireOptions wire,
      AuthorityFile authority,
      UUID session,
      Recovered found,
      DataPlane adopted)
      throws IOException {
    DestinationCore core =
        DestinationCore.recover(
            NodeIdentity.of(host.state()),
            Wiring.WINDOW_BYTES,
            options.bytesPerSecondMost(),
            found);
    return new TakeOver(
        host, options, source, wire, authority, core, session, adopted, Optional.empty());
  }

  static Strategy strategy(String name) {
    return switch (name) {
      case "auto" -> Strategy.AUTO;
      case "pre-copy" -> Strategy.PRE_COPY;
      case "post-copy" -> Strategy.POST_COPY;
      default ->
          throw new IllegalArgumentException(
              "--strategy " + name + ": expected auto, pre-copy or post-copy");
    };
  }

  /**
   * Runs to the end. The data plane of the VM that runs here now; empty when it stayed where it
   * was.
   */
  Optional<DataPlane> run() throws IOException, InterruptedException {
    shell.start();
    connector.maintain(
        new Dialling(shell, actions::plane, end, host.output(), name(), options.resumeTimeout()));
    shell.feed(new Event.Tick());
    Effect.Finished finished = await();
    connector.close();
    MoveReport.print(
        host.output(),
        core,
        finished,
        new MoveReport.Milestones(began, preparedAfter, resumedAfter, System.nanoTime() - began));
    if (finished.outcome() == Outcome.MOVED) {
      return Optional.of(actions.plane());
    }
    throw new StayedException(
        "the VM stays at " + name() + ": " + finished.text() + " (" + finished.reason() + ")");
  }

  private Effect.Finished await() throws InterruptedException, IOException {
    while (true) {
      try {
        return end.get(200, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        requireMachine();
        cancelling.requireAnswer();
        progress();
      } catch (java.util.concurrent.ExecutionException e) {
        throw new IOException("the migration failed: " + e.getCause().getMessage(), e.getCause());
      }
    }
  }

  /** Called five times a second with what this side can say; the plane is null until prepared. */
  interface StatusWatch {
    void status(Status status, DataPlane plane) throws IOException;
  }

  /** Tells somebody how it goes, from before {@link #run} on. */
  void watch(StatusWatch somebody) {
    statusWatch = somebody;
  }

  private void requireMachine() throws IOException {
    if (actions.machineLost()) {
      String console = actions.plane().machine().consoleTail(CONSOLE_LINES);
      actions.plane().close();
      throw new IOException(
          "the VM ran here and its hypervisor's process has ended; "
              + name()
              + " no longer has it. Its console ended with:\n"
              + console);
    }
  }

  private void progress() {
    Status status = shell.status();
    DataPlane plane = actions.plane();
    try {
      statusWatch.status(status, plane);
    } catch (IOException e) {
      // A full disk, perhaps. Nothing of the move depends on what is shown of it.
      LOG.log(System.Logger.Level.DEBUG, "status", e);
    }
    if (plane == null) {
      return;
    }
    long total = plane.stores().all().stream().mapToLong(s -> s.pages() * Bounds.PAGE_BYTES).sum();
    long left = plane.stores().absentPages() * Bounds.PAGE_BYTES;
    host.output().progress(status.phase().toLowerCase(java.util.Locale.ROOT), total - left, total);
  }

  private String name() {
    return name(source);
  }

  private static String name(InetSocketAddress source) {
    return source.getHostString() + ":" + source.getPort();
  }

  private BlobClient reader() {
    return new BlobClient(
        source, wire, 1, Wiring.WINDOW_BYTES, options.resumeTimeout().toSeconds());
  }

  /** Judges what the source describes, and makes what it needs here. */
  private DataPlane prepare(Message.Description description) throws Exception {
    InstanceSpec spec = Facts.spec(description, name());
    Compatibility.require(spec, description, host, options);
    try (BlobClient blobs = boot.orElseGet(this::reader)) {
      blobs.fetchBootFiles(blobs.describe(), spec, host.state());
    }
    host.state().write("instance.json", spec.toJson());
    // The hypervisor's start leaves time for it, and the switch-over is next.
    Rehearsal.begin(host.state().file("rehearsal"), wire);
    DataPlane plane = DataPlane.create(host, spec, Stores.forArrival(host, spec));
    try {
      plane.beginAddress(false);
      plane.startIncoming();
      plane.rehearse();
      plane.awaitAddress();
      preparedAfter = System.nanoTime() - began;
      host.output()
          .event(
              "prepared",
              "prepared for "
                  + spec.name()
                  + " ("
                  + spec.id()
                  + "); copying while it runs at "
                  + name(),
              "instance",
              spec.id());
      return plane;
    } catch (IOException | RuntimeException e) {
      try {
        plane.close();
      } catch (IOException f) {
        e.addSuppressed(f);
      }
      throw e instanceof Refused ? e : new Refused(Reason.HYPERVISOR, e.getMessage());
    }
  }

  @Override
  public void resumed(long atNanos) {
    resumedAfter = atNanos - began;
    DataPlane plane = actions.plane();
    host.output()
        .event(
            "running",
            "instance "
                + plane.spec().id()
                + " ("
                + plane.spec().name()
                + ") runs here, taken over from "
                + name()
                + "; this host reaches it at "
                + Peer.localAddress(plane)
                + plane.spec().stableAddress().map(a -> ", everybody at " + a).orElse(""),
            "instance",
            plane.spec().id(),
            "localAddress",
            Peer.localAddress(plane),
            "address",
            plane.spec().address());
  }

  @Override
  public void notice(Effect.Notice notice) {
    if (cancelling.answered(notice)) {
      return;
    }
    host.output()
        .event("notice", notice.text() + " (" + notice.reason() + ")", "reason", notice.reason());
  }

  @Override
  public void finished(Effect.Finished finished) {
    end.complete(finished);
  }

  @Override
  public void told(Account account) {
    convergence.told(account);
  }

  /**
   * A signal came: before the grant the VM stays at the source.
   *
   * @return whether it was about this move, which goes on and had not been told before
   */
  boolean interrupted(Signals.Kind kind) {
    if (end.isDone() || !cancelling.begin(kind)) {
      return false;
    }
    if (actions.plane() == null) {
      boot.ifPresent(BlobClient::close); // a preparation that fetches from there ends
    }
    shell.feed(new Event.Cancel(kind.said() + " at the destination"));
    return true;
  }

  /** Whether it ended because a signal has asked for that. */
  boolean cancelled() {
    return cancelling.begun() && !cancelling.tooLate();
  }

  /** Whether the VM that has come is to be stopped at once: it was too late for a SIGTERM. */
  boolean stopsAfterwards() {
    return cancelling.stopsAfterwards();
  }

  @Override
  public void close() {
    boot.ifPresent(BlobClient::close);
    connector.close();
    shell.close();
  }
}
