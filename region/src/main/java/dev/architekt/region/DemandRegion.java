package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A region parts of which may still be elsewhere. {@link #read} waits for them; {@link #tryRead}
 * does not.
 */
public interface DemandRegion extends Region {
  /**
   * Reads if every page of the range is here, and says whether it was; asks for nothing and never
   * waits.
   */
  boolean tryRead(long offset, MemorySegment target) throws IOException;

  /**
   * Asks for the absent pages among these, {@link Region#PAGE_SIZE} bytes each, and does not wait.
   * A hint.
   */
  default void prefetch(long firstPage, long count) {}
}
