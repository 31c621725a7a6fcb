package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** Passes at most so many bytes a second, reads and writes together, in the order of the calls. */
public final class RateLimitedRegion extends Layer {
  private static final long NANOS = 1_000_000_000L;

  private final long bytesPerSecond;
  private final Object clock = new Object();
  // When all bytes that were let through so far will have passed. Guarded by clock.
  private long freeAt = System.nanoTime();

  public RateLimitedRegion(Region below, long bytesPerSecond) {
    super(below);
    if (bytesPerSecond <= 0) {
      throw new IllegalArgumentException(bytesPerSecond + " bytes a second");
    }
    this.bytesPerSecond = bytesPerSecond;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    pass(target.byteSize());
    below.read(offset, target);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    // What takes time cannot be done without waiting.
    return false;
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    pass(source.byteSize());
    below.write(offset, source);
  }

  private void pass(long bytes) throws IOException {
    long wait;
    synchronized (clock) {
      long now = System.nanoTime();
      long nanos = (long) ((double) bytes / bytesPerSecond * NANOS);
      freeAt = Math.max(now, freeAt) + nanos;
      wait = freeAt - now;
    }
    Pause.sleep(Duration.ofNanos(wait));
  }
}
