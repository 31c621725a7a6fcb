package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Fails when told to: each read, write, zero, trim and flush is a call, and those that are chosen
 * throw.
 */
public final class FaultyRegion extends Layer {
  private final AtomicLong calls = new AtomicLong();
  private final Supplier<IOException> fault;
  private final long first;
  private final long last;

  private FaultyRegion(Region below, long first, long last, Supplier<IOException> fault) {
    super(below);
    this.first = first;
    this.last = last;
    this.fault = fault;
  }

  /** Fails call number {@code n}, counted from 1, and no other. */
  public static FaultyRegion once(Region below, long n, Supplier<IOException> fault) {
    return new FaultyRegion(below, n, n, fault);
  }

  /** Fails call number {@code n}, counted from 1, and all after it. */
  public static FaultyRegion from(Region below, long n, Supplier<IOException> fault) {
    return new FaultyRegion(below, n, Long.MAX_VALUE, fault);
  }

  /** How many calls came so far, failed ones with them. */
  public long calls() {
    return calls.get();
  }

  private void call() throws IOException {
    long number = calls.incrementAndGet();
    if (number >= first && number <= last) {
      throw fault.get();
    }
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    call();
    below.read(offset, target);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    call();
    return super.tryRead(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    call();
    below.write(offset, source);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    call();
    below.zero(offset, length);
  }

  @Override
  public void trim(long offset, long length) throws IOException {
    call();
    below.trim(offset, length);
  }

  @Override
  public void flush() throws IOException {
    call();
    below.flush();
  }
}
