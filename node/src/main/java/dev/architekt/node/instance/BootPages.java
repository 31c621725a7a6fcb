package dev.architekt.node.instance;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.wire.BasePages;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole pages of files that both hosts of a migration have: kernel and initial RAM disk, which
 * a guest's RAM holds for long after its boot, the kernel more than once.
 *
 * <p>Pages are found by a sum over a few of their words, and then compared in full. The files are
 * opened and summed at the first use. Thread-safe.
 */
public final class BootPages implements BasePages, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(BootPages.class.getName());
  private static final int PAGE = Bounds.PAGE_BYTES;
  private static final int SAMPLES = 8;
  private static final int STRIDE = PAGE / SAMPLES;

  // 2^64 over the golden ratio: spreads what differs in few bits (Knuth, TAOCP 6.4).
  private static final long SPREAD = 0x9e3779b97f4a7c15L;
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(PAGE, PAGE));

  private final List<Path> files;
  private final List<FileChannel> channels = new ArrayList<>();
  private final List<Long> ends = new ArrayList<>();
  private volatile long[] sums; // by bucket; set last, so that who sees it sees all
  private int[] numbers; // by bucket, from 1
  private int mask;

  /** Of {@code files} one after the other; a last page that is not whole does not count. */
  public BootPages(List<Path> files) {
    this.files = List.copyOf(files);
  }

  @Override
  public long count() throws IOException {
    open();
    return ends.isEmpty() ? 0 : ends.getLast();
  }

  @Override
  public long find(MemorySegment page) throws IOException {
    long[] known = open();
    long sum = sum(page);
    for (int bucket = bucket(sum); numbers[bucket] != 0; bucket = (bucket + 1) & mask) {
      if (known[bucket] == sum) {
        int number = numbers[bucket] - 1;
        MemorySegment scratch = SCRATCH.get();
        read(number, scratch);
        return scratch.mismatch(page) < 0 ? number : -1;
      }
    }
    return -1;
  }

  @Override
  public void read(long first, MemorySegment target) throws IOException {
    open();
    ByteBuffer rest = target.asByteBuffer();
    long page = first;
    for (int file = 0; file < channels.size() && rest.hasRemaining(); file++) {
      long begin = file == 0 ? 0 : ends.get(file - 1);
      long end = ends.get(file);
      if (page < end) {
        int bytes = (int) Math.min(rest.remaining(), (end - page) * PAGE);
        readFully(channels.get(file), rest.slice(rest.position(), bytes), (page - begin) * PAGE);
        rest.position(rest.position() + bytes);
        page += bytes / PAGE;
      }
    }
    if (rest.hasRemaining()) {
      throw new IOException("pages up to " + page + " of " + files + " were asked for");
    }
  }

  private static void readFully(FileChannel file, ByteBuffer target, long offset)
      throws IOException {
    long at = offset;
    while (target.hasRemaining()) {
      int count = file.read(target, at);
      if (count < 0) {
        throw new IOException("a kernel or initial RAM disk was cut at byte " + at);
      }
      at += count;
    }
  }

  private long[] open() throws IOException {
    long[] known = sums;
    return known != null ? known : openOnce();
  }

  private synchronized long[] openOnce() throws IOException {
    if (sums != null) {
      return sums;
    }
    long pages = 0;
    for (Path file : files) {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      channels.add(channel);
      pages += channel.size() / PAGE;
      ends.add(pages);
    }
    int buckets = Integer.highestOneBit((int) Math.max(16, 2 * pages)) << 1;
    long[] fresh = new long[buckets];
    numbers = new int[buckets];
    mask = buckets - 1;
    int number = 0;
    for (int file = 0; file < channels.size(); file++) {
      number = sumUp(channels.get(file), number, ends.get(file), fresh);
    }
    sums = fresh;
    return fresh;
  }

  private int sumUp(FileChannel file, int first, long end, long[] fresh) throws IOException {
    MemorySegment page = SCRATCH.get();
    int number = first;
    for (; number < end; number++) {
      readFully(file, page.asByteBuffer(), (long) (number - first) * PAGE);
      long sum = sum(page);
      int bucket = bucket(sum);
      while (numbers[bucket] != 0 && fresh[bucket] != sum) {
        bucket = (bucket + 1) & mask;
      }
      if (numbers[bucket] == 0) { // of pages that look alike the first stands for all
        fresh[bucket] = sum;
        numbers[bucket] = number + 1;
      }
    }
    return number;
  }

  private int bucket(long sum) {
    return (int) (sum >>> 32) & mask;
  }

  private static long sum(MemorySegment page) {
    long sum = 0;
    for (int offset = 0; offset < PAGE; offset += STRIDE) {
      sum = (sum ^ page.get(WORD, offset)) * SPREAD;
      sum ^= sum >>> 29;
    }
    return sum * SPREAD;
  }

  @Override
  public synchronized void close() throws IOException {
    for (FileChannel channel : channels) {
      channel.close();
    }
  }

  /** As {@link #close}; only reading is done here, so a failure loses nothing. */
  void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing {0}: {1}", files, e.getMessage());
    }
  }
}
