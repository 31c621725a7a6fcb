package dev.architekt.probe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Asks the guest's status service for its boot id and clock twenty times a second, and notes
 * whether the clock ever went back, how far it is from this host's, and whether the guest booted
 * again. The service answers a line with {@code BOOT-ID SECONDS.MICROSECONDS}.
 */
public final class ClockProbe implements Workload {
  private static final long INTERVAL_NANOS = 50_000_000;
  private static final ByteBuffer QUESTION =
      ByteBuffer.wrap("?\n".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

  private final InetSocketAddress address;
  private final Meter meter = new Meter();
  private final Set<String> bootIds = new LinkedHashSet<>();
  private Link link;
  private Thread thread;
  private volatile boolean stopping;
  private long lastGuestMicros = Long.MIN_VALUE;
  private long backwardSteps;
  private long worstBackwardMicros;
  private long lastOffsetMicros;
  private long lastRoundTripMicros;

  public ClockProbe(InetSocketAddress address) {
    this.address = address;
  }

  @Override
  public void start() throws IOException {
    link = new Link(address);
    meter.begin();
    thread = Thread.ofPlatform().daemon().name("clock-probe").start(this::run);
  }

  private void run() {
    long due = System.nanoTime();
    try {
      while (!stopping) {
        Pace.until(due);
        long sent = System.nanoTime();
        long hostMicros = micros(Instant.now());
        meter.sent(due, sent);
        link.send(QUESTION.duplicate());
        String line = link.line();
        long received = System.nanoTime();
        meter.answered(sent, received);
        note(line, hostMicros, (received - sent) / 1000);
        due = Math.max(due + INTERVAL_NANOS, received);
      }
    } catch (IOException e) {
      if (!stopping) {
        meter.connectionLost(e.toString());
      }
    }
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000;
  }

  /** Takes the guest's answer as given half-way between question and answer. */
  synchronized void note(String line, long hostMicros, long roundTripMicros) {
    String[] words = line.split(" ");
    if (words.length != 2 || !words[1].matches("[0-9]{1,12}\\.[0-9]{6}")) {
      meter.error("the status service said '" + line + "', expected BOOT-ID SECONDS.MICROSECONDS");
      return;
    }
    bootIds.add(words[0]);
    long guest = Long.parseLong(words[1].replace(".", ""));
    if (guest < lastGuestMicros) {
      backwardSteps++;
      worstBackwardMicros = Math.max(worstBackwardMicros, lastGuestMicros - guest);
    }
    lastGuestMicros = guest;
    lastOffsetMicros = guest - (hostMicros + roundTripMicros / 2);
    lastRoundTripMicros = roundTripMicros;
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
    thread.join(5_000);
    link.close();
    thread.join();
  }

  @Override
  public synchronized Map<String, Object> details() {
    var details = new LinkedHashMap<String, Object>();
    Totals.put(details, meter.totals());
    details.put("bootIds", Set.copyOf(bootIds));
    details.put("backwardSteps", backwardSteps);
    details.put("worstBackwardMs", worstBackwardMicros / 1e3);
    details.put("offsetMs", lastOffsetMicros / 1e3);
    details.put("offsetUncertaintyMs", lastRoundTripMicros / 2e3);
    return details;
  }
}
