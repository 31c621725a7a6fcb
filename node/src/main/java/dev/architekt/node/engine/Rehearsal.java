package dev.architekt.node.engine;

import dev.architekt.linux.Nice;
import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.DestinationConfig;
import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.SourceConfig;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.message.Strategy;
import dev.architekt.migration.wire.Authorizer;
import dev.architekt.migration.wire.Connector;
import dev.architekt.migration.wire.Link;
import dev.architekt.migration.wire.LinkAcceptor;
import dev.architekt.migration.wire.LinkHandler;
import dev.architekt.migration.wire.Listener;
import dev.architekt.migration.wire.PlainText;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A dress rehearsal: a migration of no machine and a few MiB between two halves of this process,
 * over loopback, through the protocol cores, the wire and local copies.
 *
 * <p>Code that runs for the first time is linked and interpreted, many times slower than later; and
 * a switch-over runs once in a peer's life. What it needs should have run before, while no guest
 * stands still. Nothing depends on a rehearsal but speed: one that fails is forgotten.
 */
public final class Rehearsal {
  /** Guests come first. */
  private static final int BACKGROUND_NICE = 5;

  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final long WINDOW_BYTES = 4 << 20;
  private static final int BULK_LANES = 2;
  private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());
  private static final AtomicBoolean HELD = new AtomicBoolean();
  private static final CountDownLatch OVER = new CountDownLatch(1);

  /** How long a switch-over waits for it: longer than it takes on a busy machine. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private Rehearsal() {}

  /** Holds the one rehearsal of this process, on a thread of its own; later calls do nothing. */
  public static void begin(Path directory, WireOptions like) {
    if (HELD.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("rehearsal").start(() -> attempt(directory, like));
    }
  }

  /** Before a guest stands still: lets the rehearsal end, if one has begun and ends soon. */
  public static void await() throws InterruptedException {
    if (HELD.get()) {
      OVER.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void attempt(Path directory, WireOptions like) {
    try {
      Nice.set(BACKGROUND_NICE);
      run(directory, like);
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "no rehearsal: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      OVER.countDown();
    }
  }

  /**
   * Holds a rehearsal in {@code directory}, which is emptied before and removed afterwards.
   *
   * @param like whose certificates are used, which must trust themselves; none for plain text
   */
  public static void run(Path directory, WireOptions like)
      throws IOException, InterruptedException {
    delete(directory);
    Files.createDirectories(directory);
    try (RehearsedSide source = RehearsedSide.source(directory.resolve("source"));
        RehearsedSide destination = RehearsedSide.destination(directory.resolve("destination"))) {
      move(source, destination, options(like));
    } finally {
      delete(directory);
    }
  }

  private static WireOptions options(WireOptions like) {
    boolean plain = like.tls().isEmpty();
    return WireOptions.of("rehearsal")
        .withSecurity(like.tls(), plain ? PlainText.LOOPBACK : PlainText.NEVER);
  }

  private static void move(RehearsedSide source, RehearsedSide destination, WireOptions options)
      throws IOException, InterruptedException {
    UUID session = UUID.randomUUID();
    Authority.Running running = new Authority.Running(1);
    SourceCore giving = new SourceCore(sourceConfig(source), running);
    DestinationCore taking =
        new DestinationCore(
            new DestinationConfig(
                session, UUID.randomUUID(), Strategy.AUTO, 100_000_000, WINDOW_BYTES, 0, 0),
            new Authority.None());
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (CoreShell from = new CoreShell("rehearsal-source", Core.of(giving), source).start();
        CoreShell to =
            new CoreShell("rehearsal-destination", Core.of(taking), destination).start();
        Listener listener = Listener.open(any, options, only(session), new Acceptor(from));
        Connector connector =
            new Connector(
                listener.address(),
                options,
                session,
                Right.TAKE,
                WireOptions.lanes(BULK_LANES),
                "")) {
      connector.maintain(new Acceptor(to));
      destination.awaitEnd(LIMIT);
    }
  }

  private static SourceConfig sourceConfig(RehearsedSide side) {
    RegionInfo region = new RegionInfo("memory", RegionInfo.Kind.MEMORY, side.store().pages());
    return SourceConfig.of(new UUID(0, 0), Map.of(), List.of(region), "");
  }

  private static Authorizer only(UUID session) {
    return (hello, peer) ->
        hello.session().equals(session)
            ? new Authorizer.Verdict.Allow()
            : new Authorizer.Verdict.Refuse(Refusal.NOT_AUTHORIZED, "nothing is offered here");
  }

  private record Acceptor(CoreShell shell) implements LinkAcceptor {
    @Override
    public LinkHandler up(Link link) {
      return shell.up(link);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (var files = Files.walk(directory)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
