package dev.architekt.node.peer;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.PagePlan;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a start fetches in the background: first the pages that were touched first the last time,
 * then all that is still absent.
 *
 * <p>A package is stored in chunks, and one that a single page is read from is unpacked whole. So
 * the pages of a chunk that are in the trace go together, at the place of the first of them.
 */
final class StartPages implements PagePlan {
  /** Pages of a package's chunk, a bit each in a word. */
  private static final int CHUNK_PAGES = Long.SIZE;

  private record Chunk(int region, long number) {}

  private final List<LocalStore> stores;
  private final List<PageBitmap> named = new ArrayList<>();
  private final Iterator<Map.Entry<Chunk, Long>> chunks;
  private final AbsentPages rest;
  private Chunk chunk;
  private long pages;

  /**
   * @param wholeChunks whether all of a chunk is fetched, since all of it is transferred anyway
   */
  StartPages(List<LocalStore> stores, TouchTrace trace, boolean wholeChunks) {
    this.stores = stores;
    stores.forEach(store -> named.add(new PageBitmap(store.pages())));
    this.chunks = chunks(trace, wholeChunks).entrySet().iterator();
    this.rest = new AbsentPages(stores, named);
  }

  private Map<Chunk, Long> chunks(TouchTrace trace, boolean wholeChunks) {
    Map<Chunk, Long> touched = new LinkedHashMap<>();
    for (TouchTrace.Run run : trace.runs()) {
      for (long page = run.firstPage(); page < run.firstPage() + run.pages(); ) {
        Chunk of = new Chunk(run.region(), page / CHUNK_PAGES);
        long next = Math.min((of.number() + 1) * CHUNK_PAGES, run.firstPage() + run.pages());
        touched.merge(
            of, wholeChunks ? all(of) : bits(page % CHUNK_PAGES, next - page), (a, b) -> a | b);
        page = next;
      }
    }
    return touched;
  }

  /** The pages that the chunk has: a region's last may have fewer. */
  private long all(Chunk of) {
    long left = stores.get(of.region()).pages() - of.number() * CHUNK_PAGES;
    return bits(0, Math.min(left, CHUNK_PAGES));
  }

  private static long bits(long first, long count) {
    return count == CHUNK_PAGES ? -1L : ((1L << count) - 1) << first;
  }

  @Override
  public Message.Demand next(int pagesMax) {
    while (pages != 0 || chunks.hasNext()) {
      if (pages == 0) {
        Map.Entry<Chunk, Long> next = chunks.next();
        chunk = next.getKey();
        pages = next.getValue();
      }
      Message.Demand demand = nextOfChunk(pagesMax);
      if (demand != null) {
        return demand;
      }
    }
    return rest.next(pagesMax);
  }

  private Message.Demand nextOfChunk(int pagesMax) {
    PageBitmap present = stores.get(chunk.region()).present();
    long base = chunk.number() * CHUNK_PAGES;
    while (pages != 0 && present.get(base + Long.numberOfTrailingZeros(pages))) {
      pages &= pages - 1;
    }
    if (pages == 0) {
      return null;
    }
    int first = Long.numberOfTrailingZeros(pages);
    int limit = Math.min(Long.numberOfTrailingZeros(~(pages >>> first)), pagesMax);
    int count = (int) (present.nextSet(base + first, base + first + limit) - base - first);
    pages &= ~bits(first, count);
    named.get(chunk.region()).set(base + first, count);
    return new Message.Demand(chunk.region(), base + first, count);
  }
}
