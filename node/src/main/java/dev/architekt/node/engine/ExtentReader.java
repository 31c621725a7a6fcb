package dev.architekt.node.engine;

import dev.architekt.migration.core.Effect;
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

  /** Reads what {@code wanted} says out of {@code store}, and hands it on. */
  public void read(LocalStore store, Effect.SendExtent wanted, Target target) throws IOException {
    long length = (long) wanted.pages() * PAGE;
    for (Region.Extent extent : store.extents(wanted.firstPage() * PAGE, length)) {
      long first = extent.offset() / PAGE;
      int count = (int) (extent.length() / PAGE);
      if (extent.content() == Region.Content.ZERO) {
        target.accept(zeroes(wanted, first, count));
      } else {
        readData(store, wanted, first, count, target);
      }
    }
  }

  private void readData(
      LocalStore store, Effect.SendExtent wanted, long firstPage, int pages, Target target)
      throws IOException {
    for (int done = 0; done < pages; done += Bounds.DATA_PAGES_MAX) {
      int count = Math.min(Bounds.DATA_PAGES_MAX, pages - done);
      MemorySegment data = buffer.asSlice(0, (long) count * PAGE);
      store.read((firstPage + done) * PAGE, data);
      split(wanted, firstPage + done, count, target);
    }
  }

  /** Cuts what is in the buffer into runs of zero pages and runs of others. */
  private void split(Effect.SendExtent wanted, long firstPage, int pages, Target target)
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
              ? zeroes(wanted, firstPage + from, to - from)
              : new Message.Pages(
                  wanted.region(),
                  firstPage + from,
                  to - from,
                  wanted.round(),
                  wanted.settled(),
                  buffer.asSlice((long) from * PAGE, (long) (to - from) * PAGE)));
      from = to;
    }
  }

  private static Message zeroes(Effect.SendExtent wanted, long firstPage, int pages) {
    return new Message.Zeroes(wanted.region(), firstPage, pages, wanted.round(), wanted.settled());
  }

  private boolean isZero(int page) {
    return buffer.asSlice((long) page * PAGE, PAGE).mismatch(ZERO) < 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
