package dev.architekt.mount;

import dev.architekt.linux.Fd;
import dev.architekt.region.PageBitmap;
import dev.architekt.region.PageRun;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Reads pages through a mount, so that they are in its page cache before anybody needs them: a
 * guest that resumes on a cold cache asks for one page after the other, and its huge-page faults
 * read 4 MiB each.
 *
 * <p>Through the mount, not past it with STOREs: a page that arrives meanwhile is written to the
 * region first and then stored, and a STORE waits for an open READ of its page, so that the newer
 * content wins whatever the order. Blocks in the kernel: for a platform thread that does not serve
 * the mount.
 */
final class Warmer {
  /** More than one request of the kernel's, less than what a cancelled warming should wait for. */
  private static final int PIECE_BYTES = 4 << 20;

  private static final int PIECE_PAGES = PIECE_BYTES / Region.PAGE_SIZE;

  private Warmer() {}

  /** Reads the pages of {@code wanted} from first to last, until done or interrupted. */
  static void read(Fd file, PageBitmap wanted) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment piece = arena.allocate(PIECE_BYTES, Region.PAGE_SIZE);
      PageRun run = wanted.nextRun(0, PIECE_PAGES);
      while (run != null && !Thread.currentThread().isInterrupted()) {
        file.readAt(
            run.first() * Region.PAGE_SIZE, piece.asSlice(0, run.count() * Region.PAGE_SIZE));
        run = wanted.nextRun(run.end(), PIECE_PAGES);
      }
    }
  }
}
