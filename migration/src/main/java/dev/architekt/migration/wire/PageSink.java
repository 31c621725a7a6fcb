package dev.architekt.migration.wire;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where fetched pages go. Called on the threads of the urgent and the bulk lanes, several at once;
 * a page that was asked for twice may come twice. An IOException ends the fetching.
 */
public interface PageSink {
  /** Pages from {@code firstPage} on; {@code data} is native memory, valid until this returns. */
  void pages(int region, long firstPage, MemorySegment data) throws IOException;

  /** Pages that are zero. */
  void zeroes(int region, long firstPage, int pages) throws IOException;
}
