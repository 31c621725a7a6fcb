package dev.architekt.migration.wire;

/**
 * What went over one lane in one direction. Written by the one thread that reads, or under the
 * lane's write lock; read by anybody.
 */
public final class LaneMeter {
  private static final long WINDOW_NANOS = 250_000_000;

  private volatile long bytes;
  private volatile long frames;
  private volatile long plainBytes;
  private volatile long blockedNanos;

  private final Object window = new Object();
  private long windowNanos = System.nanoTime();
  private long windowBytes;
  private double rate;

  /** Bytes on the connection, frame headers included, TLS not. */
  public long bytes() {
    return bytes;
  }

  public long frames() {
    return frames;
  }

  /** Bytes of page data as they were before compression; zero pages count with their full size. */
  public long plainBytes() {
    return plainBytes;
  }

  /** Time spent in the kernel's send call, nanoseconds: the line (or the reader) was the limit. */
  public long blockedNanos() {
    return blockedNanos;
  }

  /** Bytes a second, over the last quarter of a second or more between two calls. */
  public double bytesPerSecond() {
    synchronized (window) {
      long now = System.nanoTime();
      long elapsed = now - windowNanos;
      if (elapsed >= WINDOW_NANOS) {
        long total = bytes;
        rate = (total - windowBytes) * 1e9 / elapsed;
        windowBytes = total;
        windowNanos = now;
      }
      return rate;
    }
  }

  // One writer at a time (see the class), so a volatile is counted up without a race.
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void count(long newBytes, long newPlainBytes, long newBlockedNanos) {
    bytes += newBytes;
    frames++;
    plainBytes += newPlainBytes;
    blockedNanos += newBlockedNanos;
  }

  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void countPlain(long newPlainBytes) {
    plainBytes += newPlainBytes;
  }
}
