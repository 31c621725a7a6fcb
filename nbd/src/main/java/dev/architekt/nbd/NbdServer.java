package dev.architekt.nbd;

import dev.architekt.linux.EventFd;
import dev.architekt.linux.Fd;
import dev.architekt.linux.UnixSockets;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Serves a region as a disk to NBD clients (fixed newstyle) on a listening UNIX socket.
 *
 * <p>The socket is a plain descriptor so that the client's process can hold it too: a client that
 * lost this server connects to the same socket again, waits in its queue, and is served by whoever
 * accepts next. A request that was not answered is sent again; all are harmless to do twice.
 *
 * <p>Threads, all platform: one that accepts ({@code nbd-<export>}), one a connection ({@code
 * nbd-<export>-<n>}), and up to 32 workers a connection for requests that may wait. The region is
 * not closed by the server.
 */
public final class NbdServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(NbdServer.class.getName());
  private static final int BUDGET_BYTES = 2 * Protocol.BLOCK_MAX;
  private static final int NAME_MAX = 4096;
  private static final long RETRY_MILLIS = 100;

  private final Fd listener;
  private final String export;
  private final Region region;
  private final NbdOptions options;
  private final EventFd stop;
  private final Semaphore places;
  private final Semaphore budget = new Semaphore(BUDGET_BYTES);
  private final Set<NbdConnection> connections = ConcurrentHashMap.newKeySet();
  private final Set<Thread> readers = ConcurrentHashMap.newKeySet();
  private final AtomicLong served = new AtomicLong();
  private final AtomicBoolean released = new AtomicBoolean();
  private final Thread acceptor;

  private NbdServer(Fd listener, String export, Region region, NbdOptions options)
      throws IOException {
    this.listener = listener;
    this.export = export;
    this.region = region;
    this.options = options;
    this.places = new Semaphore(options.connectionsMax());
    this.stop = EventFd.create("end of nbd " + export);
    this.acceptor = Thread.ofPlatform().daemon().name("nbd-" + export).start(this::accept);
  }

  /**
   * Begins to serve. Takes over {@code listener}, which must be non-blocking as {@link
   * UnixSockets#listen} makes it.
   *
   * @param export the name under which clients ask for the region; the empty name means it too
   */
  public static NbdServer serve(Fd listener, String export, Region region, NbdOptions options)
      throws IOException {
    if (export.isEmpty() || export.length() > NAME_MAX / 4) {
      throw new IllegalArgumentException("export name of " + export.length() + " characters");
    }
    return new NbdServer(listener, export, region, options);
  }

  /** Connections that are open now. */
  public int connections() {
    return connections.size();
  }

  /** Connections that were ever accepted. */
  public long accepted() {
    return served.get();
  }

  private void accept() {
    try {
      while (!released.get()) {
        places.acquire();
        Fd socket = next();
        if (socket == null) {
          places.release();
        } else {
          start(socket);
        }
      }
    } catch (InterruptedException e) {
      // release() ends the thread this way while it waits for a free place.
    }
  }

  /** The next connection, or null at the end and after an error. */
  private Fd next() throws InterruptedException {
    try {
      if (stop.awaitReadable(listener, -1)) {
        return UnixSockets.accept(listener, "client of nbd " + export);
      }
    } catch (IOException e) {
      // Out of descriptors, for example: the clients wait in the queue until that has passed.
      LOG.log(Level.WARNING, "nbd " + export + ": cannot accept a client: " + e.getMessage());
      Thread.sleep(RETRY_MILLIS);
    }
    return null;
  }

  private void start(Fd socket) {
    String name = "nbd-" + export + "-" + served.incrementAndGet();
    NbdConnection connection =
        new NbdConnection(socket, name, region, export, options, stop, budget);
    connections.add(connection);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .unstarted(() -> {
              try {
                connection.run();
              } finally {
                connections.remove(connection);
                readers.remove(Thread.currentThread());
                places.release();
              }
            });
    readers.add(thread);
    thread.start();
  }

  /**
   * Stops serving: ends all connections, without an answer to what is in hand, and returns when no
   * thread uses the region any more. The listener stays open and belongs to the caller again, so
   * that a successor can serve it.
   */
  public Fd release() throws IOException {
    if (released.compareAndSet(false, true)) {
      stop.raise();
      acceptor.interrupt();
      join(acceptor);
      connections.forEach(NbdConnection::end);
      // The reader may wait for the budget or for a free slot.
      for (Thread reader : readers) {
        reader.interrupt();
        join(reader);
      }
      stop.close();
    }
    return listener;
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@link #release}, and closes the listener. */
  @Override
  public void close() throws IOException {
    release().close();
  }
}
