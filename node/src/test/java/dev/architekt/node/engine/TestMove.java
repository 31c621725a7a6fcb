package dev.architekt.node.engine;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.DestinationConfig;
import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.Event;
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
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A move between two {@link StoreSide}s over a {@link Relay}. */
final class TestMove implements AutoCloseable {
  private static final int BULK_LANES = 2;

  final StoreSide source;
  final StoreSide destination;
  final CoreShell from;
  final CoreShell to;
  final Relay relay;
  private final Listener listener;
  private final Connector connector;

  private record Acceptor(CoreShell shell) implements LinkAcceptor {
    @Override
    public LinkHandler up(Link link) {
      return shell.up(link);
    }
  }

  TestMove(Path directory, long bytes, Strategy strategy, long delayMillis) throws IOException {
    this(directory, bytes, strategy, delayMillis, 0);
  }

  TestMove(Path directory, long bytes, Strategy strategy, long delayMillis, long bytesPerSecondMost)
      throws IOException {
    source = StoreSide.source(directory.resolve("source"), bytes);
    destination = StoreSide.destination(directory.resolve("destination"), bytes);
    UUID session = UUID.randomUUID();
    RegionInfo region = new RegionInfo("memory", RegionInfo.Kind.MEMORY, source.store.pages());
    SourceCore giving =
        new SourceCore(
            SourceConfig.of(new UUID(1, 2), Map.of(), List.of(region), ""),
            new Authority.Running(1));
    from = new CoreShell("test-source", Core.of(giving), source).start();
    DestinationCore taking =
        new DestinationCore(
            new DestinationConfig(
                session, new UUID(3, 4), strategy, 100_000_000, 16 << 20, bytesPerSecondMost, 0),
            new Authority.None());
    to = new CoreShell("test-destination", Core.of(taking), destination).start();
    WireOptions options = WireOptions.of("test");
    listener =
        Listener.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            options,
            (hello, peer) -> new Authorizer.Verdict.Allow(),
            new Acceptor(from));
    relay = new Relay(listener.address(), delayMillis);
    connector =
        new Connector(
            relay.address(), options, session, Right.TAKE, WireOptions.lanes(BULK_LANES), "");
  }

  TestMove begin() {
    connector.maintain(new Acceptor(to));
    to.feed(new Event.Tick());
    return this;
  }

  @Override
  public void close() throws IOException {
    connector.close();
    to.close();
    from.close();
    listener.close();
    relay.close();
    source.close();
    destination.close();
  }
}
