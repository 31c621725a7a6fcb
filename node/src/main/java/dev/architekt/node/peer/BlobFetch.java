package dev.architekt.node.peer;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.node.Facts;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One small read-only region (a kernel, device state) on its way into memory. Thread-safe. */
final class BlobFetch implements AutoCloseable {
  /** The largest that is held in memory, in bytes. */
  static final long BYTES_MAX = 256L << 20;

  final int region;
  private final String name;
  private final long bytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment content;
  private final BitSet here = new BitSet();
  private final int pages;
  private final CountDownLatch complete = new CountDownLatch(1);
  private boolean closed;
  private Throwable failure;

  private BlobFetch(int region, RegionInfo info, long bytes) {
    this.region = region;
    this.name = info.name();
    this.bytes = bytes;
    this.pages = (int) info.pages();
    this.content = arena.allocate((long) pages * Bounds.PAGE_BYTES);
  }

  /** For region {@code name} of a description; refuses sizes that do not fit. */
  static BlobFetch of(Message.Description description, String name, String origin)
      throws IOException {
    for (int region = 0; region < description.regions().size(); region++) {
      RegionInfo info = description.regions().get(region);
      if (info.name().equals(name)) {
        long bytes = Facts.bytes(description, name, origin);
        long whole = info.pages() * Bounds.PAGE_BYTES;
        if (bytes < 0 || bytes > whole || bytes <= whole - Bounds.PAGE_BYTES || whole > BYTES_MAX) {
          throw new IOException(
              origin
                  + ": "
                  + name
                  + " is said to have "
                  + bytes
                  + " bytes in "
                  + info.pages()
                  + " pages, expected at most "
                  + BYTES_MAX);
        }
        return new BlobFetch(region, info, bytes);
      }
    }
    throw new IOException(origin + " has no " + name);
  }

  int pages() {
    return pages;
  }

  synchronized void pages(long first, MemorySegment data) {
    if (!closed) {
      MemorySegment.copy(data, 0, content, first * Bounds.PAGE_BYTES, data.byteSize());
      arrived(first, (int) (data.byteSize() / Bounds.PAGE_BYTES));
    }
  }

  void zeroes(long first, int count) {
    arrived(first, count);
  }

  private synchronized void arrived(long first, int count) {
    here.set((int) first, (int) first + count);
    if (here.cardinality() == pages) {
      complete.countDown();
    }
  }

  /** Nothing more will come. */
  synchronized void fail(Throwable cause) {
    failure = cause;
    complete.countDown();
  }

  private synchronized void requireAll(String origin) throws IOException {
    if (failure != null && here.cardinality() < pages) {
      throw new IOException(origin + ": " + name + ": " + failure.getMessage(), failure);
    }
  }

  /** Waits for all of it. */
  MemorySegment await(long seconds, String origin) throws IOException, InterruptedException {
    if (!complete.await(seconds, TimeUnit.SECONDS)) {
      synchronized (this) {
        throw new IOException(
            origin
                + ": "
                + here.cardinality()
                + " of "
                + pages
                + " pages of "
                + name
                + " came within "
                + seconds
                + " s; is the link up?");
      }
    }
    requireAll(origin);
    return content.asSlice(0, bytes);
  }

  /** Gives the memory back; what comes late, for a second time, is dropped. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
