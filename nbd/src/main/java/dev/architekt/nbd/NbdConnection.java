package dev.architekt.nbd;

import static dev.architekt.nbd.Protocol.*;

import dev.architekt.linux.EventFd;
import dev.architekt.linux.Fd;
import dev.architekt.linux.UnixSockets;
import dev.architekt.region.Region;
import dev.architekt.region.StoreClosedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One client. Its reader thread takes requests and does those at once that never wait; all others
 * go to the connection's workers, so that a read of an absent page holds up nobody. Replies go out
 * in the order of completion.
 *
 * <p>Bounded: {@value #IN_HAND} requests, and the bytes of large ones by a budget shared with the
 * server's other connections; then nothing more is read from the socket.
 */
final class NbdConnection {
  /** Requests in hand at a time; QEMU has at most 16. */
  static final int IN_HAND = 32;

  private static final Logger LOG = System.getLogger(NbdConnection.class.getName());
  private static final int REQUEST = 28;
  private static final int INLINE_MAX = 64 << 10;
  private static final long IDLE_SECONDS = 10;
  private static final long GOODBYE_SECONDS = 5;

  private final Fd socket;
  private final Wire wire;
  private final String name;
  private final Region region;
  private final String export;
  private final NbdOptions options;
  private final EventFd stop;
  private final Semaphore budget;
  private final BlockingDeque<Slot> free = new LinkedBlockingDeque<>(IN_HAND);
  private final ThreadPoolExecutor workers;

  /** {@code budget} has at least {@link Protocol#BLOCK_MAX} permits, one a byte. */
  NbdConnection(
      Fd socket,
      String name,
      Region region,
      String export,
      NbdOptions options,
      EventFd stop,
      Semaphore budget) {
    this.socket = socket;
    this.wire = new Wire(socket);
    this.name = name;
    this.region = region;
    this.export = export;
    this.options = options;
    this.stop = stop;
    this.budget = budget;
    ThreadFactory threads = Thread.ofPlatform().daemon().name(name + "-worker-", 0).factory();
    this.workers =
        new ThreadPoolExecutor(
            IN_HAND, IN_HAND, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
    workers.allowCoreThreadTimeOut(true);
  }

  /** Serves the client to its end, on the calling thread. */
  void run() {
    try (Arena arena = Arena.ofShared()) {
      try {
        serve(arena);
      } catch (IOException e) {
        LOG.log(Level.DEBUG, () -> name + ": " + e.getMessage());
      } catch (InterruptedException e) {
        LOG.log(Level.DEBUG, () -> name + ": interrupted");
      } finally {
        end();
        awaitWorkers();
        // Last, when no thread uses the number any more.
        synchronized (this) {
          socket.close();
        }
      }
    }
  }

  /** Ends the connection: its client sees an end of file. Returns at once. */
  void end() {
    // Under the lock that close takes: the number must not come to mean another file in between.
    synchronized (this) {
      if (socket.isOpen()) {
        UnixSockets.shutdown(socket);
      }
    }
    // Wakes workers that wait for absent pages. Nothing of theirs is answered any more.
    for (Runnable waiting : workers.shutdownNow()) {
      ((Work) waiting).giveBack();
    }
  }

  private void awaitWorkers() {
    boolean interrupted = false;
    while (true) {
      try {
        if (workers.awaitTermination(1, TimeUnit.DAYS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Arena arena) throws IOException, InterruptedException {
    int flags = HAS_FLAGS | SEND_FLUSH | SEND_FUA | CAN_MULTI_CONN | SEND_CACHE;
    flags |= options.readOnly() ? READ_ONLY : SEND_TRIM | SEND_WRITE_ZEROES | SEND_FAST_ZERO;
    Negotiation.Agreement agreement;
    try (Arena handshake = Arena.ofConfined()) {
      agreement =
          new Negotiation(
                  wire, stop, options.handshakeMillis(), export, region.size(), flags, handshake)
              .run();
    }
    if (agreement == null) {
      return;
    }
    Replies replies = new Replies(wire, agreement.structured());
    Requests requests = new Requests(region, options.readOnly(), replies, agreement.allocation());
    for (int i = 0; i < IN_HAND; i++) {
      free.add(new Slot(arena));
    }
    MemorySegment header = arena.allocate(REQUEST, 8);
    while (wire.receive(header)) {
      Slot slot = free.take();
      decode(header, slot);
      if (slot.type == CMD_DISC) {
        finish();
        return;
      }
      take(slot, requests, replies);
    }
  }

  private static void decode(MemorySegment header, Slot slot) throws HandshakeException {
    int magic = header.get(Wire.INT, 0);
    if (magic != REQUEST_MAGIC) {
      throw new HandshakeException(
          "expected a request, found magic 0x" + Integer.toHexString(magic));
    }
    slot.flags = header.get(Wire.SHORT, 4) & 0xffff;
    slot.type = header.get(Wire.SHORT, 6) & 0xffff;
    slot.cookie = header.get(Wire.LONG, 8);
    slot.offset = header.get(Wire.LONG, 16);
    slot.length = Integer.toUnsignedLong(header.get(Wire.INT, 24));
    if (slot.type == CMD_WRITE && slot.length > BLOCK_MAX) {
      throw new HandshakeException("a write of " + slot.length + " bytes");
    }
  }

  private void take(Slot slot, Requests requests, Replies replies)
      throws IOException, InterruptedException {
    int fault = requests.fault(slot);
    boolean carries = slot.type == CMD_READ || slot.type == CMD_WRITE;
    int bytes = carries && (fault == 0 || slot.type == CMD_WRITE) ? (int) slot.length : 0;
    boolean inline = bytes <= INLINE_MAX;
    int charged = inline ? 0 : bytes;
    budget.acquire(charged);
    boolean handed = false;
    try {
      if (slot.type == CMD_WRITE) {
        slot.buffer(slot.length);
        if (slot.length > 0 && !wire.receive(slot.payload(slot.length))) {
          throw new EOFException("the client went away in the middle of a write");
        }
      }
      if (fault != 0) {
        replies.error(slot, fault, "");
      } else if (inline && slot.type == CMD_READ) {
        handed = !requests.tryRead(slot);
      } else if (inline
          && slot.type == CMD_WRITE
          && !slot.has(FLAG_FUA)
          && requests.isWriteOfWholePages(slot)) {
        requests.execute(slot);
      } else {
        handed = true;
      }
      if (handed) {
        workers.execute(new Work(slot, requests, charged));
      }
    } catch (RejectedExecutionException e) {
      handed = false;
      throw new InterruptedIOException("the connection is at its end");
    } finally {
      if (!handed) {
        giveBack(slot, charged);
      }
    }
  }

  /** A request in the hands of the workers. */
  private final class Work implements Runnable {
    private final Slot slot;
    private final Requests requests;
    private final int charged;

    Work(Slot slot, Requests requests, int charged) {
      this.slot = slot;
      this.requests = requests;
      this.charged = charged;
    }

    @Override
    public void run() {
      try {
        requests.execute(slot);
      } catch (IOException e) {
        LOG.log(Level.DEBUG, () -> name + ": " + e.getMessage());
        end();
      } catch (RuntimeException | Error e) {
        LOG.log(Level.ERROR, name + ": a request failed in the server", e);
        end();
      } finally {
        giveBack();
      }
    }

    void giveBack() {
      NbdConnection.this.giveBack(slot, charged);
    }
  }

  private void giveBack(Slot slot, int charged) {
    slot.reset();
    // The one used last first: its buffer is warm, and buffers that a quiet client never needs stay
    // untouched.
    free.addFirst(slot);
    budget.release(charged);
  }

  /** The client said goodbye and wants no more answers; what it asked for before is still done. */
  private void finish() throws InterruptedException {
    workers.shutdown();
    if (!workers.awaitTermination(GOODBYE_SECONDS, TimeUnit.SECONDS)) {
      LOG.log(Level.DEBUG, () -> name + ": left with requests that still wait");
    }
  }

  /**
   * Whether an error is about this server's end, so that the client is to ask its successor and
   * gets no answer.
   */
  static boolean endsConnection(IOException e) {
    return e instanceof StoreClosedException || e instanceof InterruptedIOException;
  }
}
