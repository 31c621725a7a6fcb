package dev.architekt.probe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks every millisecond on a schedule, whether or not the last question was answered, and notes
 * the longest interval without an answer. A tick that this process itself missed is not made up
 * for: it would only be another question at the same instant.
 */
public final class GapProbe implements Workload {
  private static final long INTERVAL_NANOS = 1_000_000;
  private static final long DRAIN_MS = 5_000;

  /** Questions whose times are kept for their latency: a minute's silence. A power of two. */
  private static final int REMEMBERED = 1 << 16;

  /** A question whose answer is one line. */
  public enum Question {
    /** {@code PING} to Redis. */
    REDIS("PING\r\n"),
    /** Any line, to the status service of a guest. */
    STATUS("?\n");

    private final byte[] bytes;

    Question(String text) {
      this.bytes = text.getBytes(StandardCharsets.US_ASCII);
    }
  }

  private final InetSocketAddress address;
  private final Question question;
  private final Meter meter = new Meter();
  // Written by the sender at `asked`, read by the receiver at `answered`; the counters order the
  // two.
  private final long[] askedAt = new long[REMEMBERED];
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private Link link;
  private Thread sender;
  private Thread receiver;
  private volatile boolean stopping;
  private volatile boolean lost;
  private SocketIdentity endIdentity;

  public GapProbe(InetSocketAddress address, Question question) {
    this.address = address;
    this.question = question;
  }

  @Override
  public void start() throws IOException {
    link = new Link(address);
    meter.begin();
    sender = Thread.ofPlatform().daemon().name("gap-sender").start(this::send);
    receiver = Thread.ofPlatform().daemon().name("gap-receiver").start(this::receive);
  }

  private void send() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(question.bytes.length).put(question.bytes);
    long due = System.nanoTime();
    try {
      while (!stopping && !lost) {
        Pace.until(due);
        long now = System.nanoTime();
        askedAt[(int) asked.get() & (REMEMBERED - 1)] = now;
        asked.incrementAndGet();
        meter.sent(due, now);
        link.send(buffer.flip());
        due += INTERVAL_NANOS * Math.max(1, (now - due) / INTERVAL_NANOS + 1);
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
        if (first == '-') {
          meter.error("the server answered with an error");
        }
        long number = answered.get();
        boolean remembered = asked.get() - number <= REMEMBERED;
        meter.answered(remembered ? askedAt[(int) number & (REMEMBERED - 1)] : 0, now);
        answered.incrementAndGet();
      }
    } catch (IOException e) {
      lose(e);
    }
  }

  private synchronized void lose(IOException e) {
    if (!stopping && !lost) {
      lost = true;
      meter.connectionLost(e.toString());
    }
  }

  @Override
  public WindowReport mark(String label) throws IOException {
    return meter.mark(label);
  }

  @Override
  public WindowReport peek() throws IOException {
    return meter.peek();
  }

  @Override
  public void stop() throws IOException, InterruptedException {
    stopping = true;
    sender.join(DRAIN_MS);
    long deadline = System.nanoTime() + DRAIN_MS * 1_000_000;
    while (answered.get() < asked.get() && !lost && System.nanoTime() < deadline) {
      Thread.sleep(1);
    }
    endIdentity = lost ? null : link.identity();
    link.close();
    receiver.join(DRAIN_MS);
  }

  @Override
  public Map<String, Object> details() {
    var details = new LinkedHashMap<String, Object>();
    Totals.put(details, meter.totals());
    details.put("unanswered", asked.get() - answered.get());
    Totals.putSocket(details, "socketAtStart", link.atStart());
    Totals.putSocket(details, "socketAtEnd", endIdentity);
    return details;
  }
}
