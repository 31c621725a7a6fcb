package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * As slow as a far-away one: every read, write, zero, trim and flush takes {@code delay} more. Any
 * number at a time.
 */
public final class DelayedRegion extends Layer {
  private final Duration delay;

  public DelayedRegion(Region below, Duration delay) {
    super(below);
    this.delay = delay;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Pause.sleep(delay);
    below.read(offset, target);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    // What takes time cannot be done without waiting.
    return false;
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    Pause.sleep(delay);
    below.write(offset, source);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    Pause.sleep(delay);
    below.zero(offset, length);
  }

  @Override
  public void trim(long offset, long length) throws IOException {
    Pause.sleep(delay);
    below.trim(offset, length);
  }

  @Override
  public void flush() throws IOException {
    Pause.sleep(delay);
    below.flush();
  }
}
