package dev.architekt.migration.wire;

import java.nio.ByteBuffer;

/**
 * Measures the round trip with the keep-alives of one lane: i64 own clock, i64 the other side's
 * clock as last heard, i64 nanoseconds since that was heard. Zero for what is not known.
 */
final class RoundTrip {
  private final Object lock = new Object();
  private long heardClock;
  private long heardAt;
  private long lastNanos;
  private long leastNanos = Long.MAX_VALUE;

  ByteBuffer next() {
    long now = System.nanoTime();
    ByteBuffer body = ByteBuffer.allocate(Tag.KEEP_ALIVE.bytesMax());
    synchronized (lock) {
      return body.putLong(now).putLong(heardClock).putLong(heardAt == 0 ? 0 : now - heardAt).flip();
    }
  }

  void heard(ByteBuffer payload, Place place) throws ProtocolException {
    Fields from = new Fields(payload, place);
    long clock = from.i64("clock");
    long echo = from.i64("echo");
    long held = from.i64("held");
    from.end();
    long now = System.nanoTime();
    synchronized (lock) {
      heardClock = clock;
      heardAt = now;
      long trip = now - echo - held;
      // Numbers of the other side: what makes no sense is not believed.
      if (echo != 0 && trip > 0 && trip < 60_000_000_000L) {
        lastNanos = trip;
        leastNanos = Math.min(leastNanos, trip);
      }
    }
  }

  /** The last round trip, 0 while unknown. */
  long last() {
    synchronized (lock) {
      return lastNanos;
    }
  }

  /** The shortest round trip, 0 while unknown. */
  long least() {
    synchronized (lock) {
      return leastNanos == Long.MAX_VALUE ? 0 : leastNanos;
    }
  }
}
