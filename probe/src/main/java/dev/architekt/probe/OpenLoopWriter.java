package dev.architekt.probe;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes on a schedule, whatever the answers do. Requests that fell due while this thread was held
 * up leave together: the number of writes is that of the schedule.
 */
final class OpenLoopWriter implements RedisLoad.Writer {
  /** Requests without an answer: two minutes' worth of L1. A power of two. */
  private static final int OUTSTANDING_MAX = 1 << 17;

  private static final int BATCH_BYTES = 64 * 1024;

  private final Link link;
  private final Journal journal;
  private final Meter meter;
  private final SetWriter commands;
  private final int keys;
  private final long intervalNanos;

  // A ring: the sender fills at `sent`, the receiver takes at `answered`; each is written by one
  // thread.
  private final int[] keyOf = new int[OUTSTANDING_MAX];
  private final long[] sequenceOf = new long[OUTSTANDING_MAX];
  private final long[] dueOf = new long[OUTSTANDING_MAX];
  private volatile long sent;
  private volatile long answered;

  private Thread sender;
  private Thread receiver;
  private volatile boolean stopping;
  private volatile boolean closing;
  private volatile boolean lost;
  private SocketIdentity atEnd;

  OpenLoopWriter(Link link, LoadProfile profile, Journal journal, Meter meter) {
    this.link = link;
    this.journal = journal;
    this.meter = meter;
    this.commands = new SetWriter(journal);
    this.keys = profile.keys();
    this.intervalNanos = 1_000_000_000L / profile.ratePerSecond();
  }

  @Override
  public void start() {
    sender = Thread.ofPlatform().daemon().name("load-sender").start(this::send);
    receiver = Thread.ofPlatform().daemon().name("load-receiver").start(this::receive);
  }

  private void send() {
    ByteBuffer batch = ByteBuffer.allocateDirect(Math.max(BATCH_BYTES, commands.size()));
    long random = journal.seed();
    long due = System.nanoTime();
    try {
      while (!stopping && !lost) {
        Pace.until(due);
        long now = System.nanoTime();
        batch.clear();
        while (due <= now
            && batch.remaining() >= commands.size()
            && sent - answered < OUTSTANDING_MAX) {
          int key = (int) Math.floorMod(Values.mix(++random), (long) keys);
          long sequence = journal.sent(key);
          int slot = (int) sent & (OUTSTANDING_MAX - 1);
          keyOf[slot] = key;
          sequenceOf[slot] = sequence;
          dueOf[slot] = due;
          commands.put(batch, key, sequence);
          meter.sent(due, now);
          sent = sent + 1; // Only this thread writes it; the receiver reads the slot after it.
          due += intervalNanos;
        }
        if (batch.position() == 0) {
          Pace.until(now + intervalNanos); // The ring is full: the answers are minutes late.
        }
        link.send(batch.flip());
      }
    } catch (IOException e) {
      lose(e);
    }
  }

  private void receive() {
    try {
      while (true) {
        byte first = link.lineStart();
        long now = System.nanoTime();
        int slot = (int) answered & (OUTSTANDING_MAX - 1);
        if (first == '+') {
          journal.acknowledged(keyOf[slot], sequenceOf[slot]);
          meter.answered(dueOf[slot], now);
        } else {
          meter.error("Redis refused a write");
        }
        answered = answered + 1;
      }
    } catch (IOException e) {
      lose(e);
    }
  }

  private synchronized void lose(IOException e) {
    if (!closing && !lost) {
      lost = true;
      meter.connectionLost(e.toString());
    }
  }

  @Override
  public void stop(long deadlineNanos) throws IOException, InterruptedException {
    stopping = true;
    sender.join(Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000));
    while (answered < sent && !lost && System.nanoTime() < deadlineNanos) {
      Thread.sleep(1);
    }
    atEnd = lost ? null : link.identity();
    closing = true;
    link.close();
    receiver.join();
    sender.join();
  }

  @Override
  public Link link() {
    return link;
  }

  @Override
  public SocketIdentity atEnd() {
    return atEnd;
  }
}
