package dev.architekt.migration.wire;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/**
 * Keeps the kernel's send queue of a bulk lane short, so that urgent pages on the same line get
 * through: as long as the line needs to stay full, and some milliseconds.
 *
 * <p>The queue follows the measured throughput: while the queue itself is what limits it, each step
 * makes it longer; once the line does, it stays. Over long distances the kernel's own tuning is
 * left alone, since a size set by hand is limited to {@code net.core.wmem_max}, which is too short
 * there.
 */
final class BulkQueue {
  /** Most bytes of a queue that is managed here. */
  static final int BYTES_MAX = 1 << 20;

  // Two segments of the loopback device. With less a writer waits for an acknowledgement that the
  // reader's kernel delays for 40 ms; measured throughput is then so low that the queue stays
  // short.
  private static final int BYTES_MIN = 128 << 10;
  private static final long STEP_NANOS = 100_000_000;
  private static final double WAIT_SECONDS = 0.004;
  private static final double ROUND_TRIPS = 1.25;
  private static final long NEAR_NANOS = 10_000_000;

  private final SocketChannel channel;
  private final RoundTrip roundTrip;
  private final int bytesMax;

  // Guarded by this.
  private long stepSince = System.nanoTime();
  private long stepBytes;
  private int present;

  BulkQueue(SocketChannel channel, RoundTrip roundTrip, int bytesMax) {
    this.channel = channel;
    this.roundTrip = roundTrip;
    this.bytesMax = bytesMax;
  }

  /** So many bytes have been written to the lane since it came up. */
  void written(long bytes) throws IOException {
    synchronized (this) {
      long now = System.nanoTime();
      if (now - stepSince < STEP_NANOS) {
        return;
      }
      double rate = (bytes - stepBytes) * 1e9 / (now - stepSince);
      stepSince = now;
      stepBytes = bytes;
      int next = target(rate, roundTrip.least(), bytesMax);
      if (next > 0 && Math.abs(next - present) > present / 8) {
        present = next;
        channel.setOption(StandardSocketOptions.SO_SNDBUF, next);
      }
    }
  }

  /** Bytes for a line of this rate (a second) and round trip; 0 to leave it to the kernel. */
  static int target(double bytesPerSecond, long roundTripNanos, int bytesMax) {
    if (roundTripNanos == 0 || roundTripNanos > NEAR_NANOS) {
      return 0;
    }
    double seconds = ROUND_TRIPS * roundTripNanos / 1e9 + WAIT_SECONDS;
    return (int) Math.clamp(bytesPerSecond * seconds, BYTES_MIN, bytesMax);
  }
}
