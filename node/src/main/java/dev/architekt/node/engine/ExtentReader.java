package dev.architekt.node.engine;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.region.LocalStore;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Turns a run of pages of a local copy into messages: zero runs as a flag, the rest with its bytes,
 * in order and without a gap. One reader a lane, used by that lane's sender thread alone; nothing
 * is allocated an extent but the messages.
 */
public final class ExtentReader implements AutoCloseable {
  /** Takes the messages one after another; their data is valid until the call returns. */
  @FunctionalInterface
  public interface Target {
    void accept(Message message) throws IOException;
  }

  private static final int PAGE = Bounds.PAGE_BYTES;

  // Compared by an intrinsic of the JVM, which a loop of loads compiled by C1 cannot match.
  private static final MemorySegment ZERO = Arena.global().allocate(PAGE, PAGE);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate((long) Bounds.DATA_PAGES_MAX * PAGE, PAGE);

  /** Reads {@code pages} pages from {@code firstPage} and hands them on. */
  public void read(
      LocalStore store,
      int region,
      long firstPage,
      int pages,
      int round,
      boolean settled,
      Target target)
      throws IOException {
    for (Region.Extent extent : store.extents(firstPage * PAGE, (long) pages * PAGE)) {
      long first = extent.offset() / PAGE;
      int count = (int) (extent.length() / PAGE);
      if (extent.content() == Region.Content.ZERO) {
        target.accept(new Message.Zeroes(region, first, count, round, settled));
      } else {
        readData(store, region, first, count, round, settled, target);
      }
    }
  }

  private void readData(
      LocalStore store,
      int region,
      long firstPage,
      int pages,
      int round,
      boolean settled,
      Target target)
      throws IOException {
    for (int done = 0; done < pages; done += Bounds.DATA_PAGES_MAX) {
      int count = Math.min(Bounds.DATA_PAGES_MAX, pages - done);
      MemorySegment data = buffer.asSlice(0, (long) count * PAGE);
      store.read((firstPage + done) * PAGE, data);
      split(region, firstPage + done, count, round, settled, target);
    }
  }

  /** Cuts what is in the buffer into runs of zero pages and runs of others. */
  private void split(
      int region, long firstPage, int pages, int round, boolean settled, Target target)
      throws IOException {
    int from = 0;
    while (from < pages) {
      boolean zero = isZero(from);
      int to = from + 1;
      while (to < pages && isZero(to) == zero) {
        to++;
      }
      target.accept(
          zero
              ? new Message.Zeroes(region, firstPage + from, to - from, round, settled)
              : new Message.Pages(
                  region,
                  firstPage + from,
                  to - from,
                  round,
                  settled,
                  buffer.asSlice((long) from * PAGE, (long) (to - from) * PAGE)));
      from = to;
    }
  }

  private boolean isZero(int page) {
    return buffer.asSlice((long) page * PAGE, PAGE).mismatch(ZERO) < 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
