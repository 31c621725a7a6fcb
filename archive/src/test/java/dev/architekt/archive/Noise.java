package dev.architekt.archive;

import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.Set;

/** A region of noise that depends on the offset only. */
class Noise implements Region {
  private final long size;

  Noise(long size) {
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    byte[] noise = new byte[(int) target.byteSize()];
    new Random(offset).nextBytes(noise);
    target.copyFrom(MemorySegment.ofArray(noise));
  }

  @Override
  public void write(long offset, MemorySegment source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
