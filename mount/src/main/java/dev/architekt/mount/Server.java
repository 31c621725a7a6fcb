package dev.architekt.mount;

import dev.architekt.linux.Fd;
import dev.architekt.region.DemandRegion;
import dev.architekt.region.Region;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The threads that serve one connection, from their start to their end. */
final class Server implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final List<Reader> readers = new ArrayList<>();
  private final CollectorThreads collectors = new CollectorThreads();
  private final AtomicBoolean over = new AtomicBoolean();
  private final ParkedReads parked;
  private final SlowRequests slow;

  Server(Fd device, int connectionId, DemandRegion region, MountOptions options) {
    Channel channel = new DeviceChannel(device);
    parked = new ParkedReads(channel, region, options);
    slow = new SlowRequests(new Exchange(channel, arena, Region.PAGE_SIZE), region, options);
    RequestHandler handler = new RequestHandler(region, options, parked, slow, collectors);
    for (int i = 0; i < options.readers(); i++) {
      readers.add(
          new Reader(
              "fuse-" + options.name() + "-" + i,
              new Exchange(channel, arena),
              handler,
              _ -> {
                // The first call wins: of the readers that all see it, or of close().
                if (over.compareAndSet(false, true)) {
                  options.trouble().ended(connectionId);
                }
              }));
    }
    readers.forEach(Reader::start);
  }

  CollectorThreads collectors() {
    return collectors;
  }

  int parkedReads() {
    return parked.waiting();
  }

  /** From here on the end of the connection is what the owner wants, and no news. */
  void expectEnd() {
    over.set(true);
  }

  /** Ends all threads. Requests in hand are finished, except READs that wait for an absent page. */
  @Override
  public void close() {
    expectEnd();
    readers.forEach(Reader::stop);
    slow.close();
    parked.close();
    arena.close();
  }
}
