package dev.architekt.region;

import dev.architekt.linux.Fd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * The local copy of a region that is being moved, in a directory: a sparse data file and, for each
 * page, whether it is here, whether it was written since the last {@link #collectDirty}, and in
 * which epoch it was last written.
 *
 * <p><b>Crashes.</b> A returned {@link #write}, {@link #fill} or {@link #receive} survives the
 * death of this process ({@code kill -9}); what was there at a returned {@link #flush} survives the
 * host's, after which pages that were not confirmed are absent again, all pages count as changed
 * and dirty, and the lineage is gone. A call cut short by {@code kill -9} may be repeated and then
 * counts once. Two processes must not have one store open for writing.
 *
 * <p><b>Threads.</b> All methods from any thread. Segments must be off-heap. Calls on absent pages
 * wait without holding anything that others need; calls that make system calls on files block their
 * carrier, so use platform threads where latency counts. Writes never wait for the disk, except
 * when it is full ({@link StoreOptions.WhenFull}) or cannot keep up with the kernel's limit of
 * dirty memory.
 */
public final class LocalStore implements DemandRegion {
  /** What a fresh store holds. */
  public enum Start {
    /** Every page is here and zero. */
    PRESENT,
    /** Every page is absent. */
    ABSENT
  }

  private final LongAdder written = new LongAdder();
  private final Path directory;
  private final String instance;
  private final long size;
  private final long pages;
  private final StoreMaps maps;
  private final PageBitmap present;
  private final PageBitmap dirty;
  private final Generations generations;
  private final DataFile data;
  private final CacheKeeper cache;
  private final Gate gate;
  private final PageTable table;
  private final Checkpoints checkpoints;
  private volatile boolean sealed;

  private LocalStore(Path directory, StoreHeader header, StoreMaps maps, StoreOptions options)
      throws IOException {
    this.directory = directory;
    this.instance = header.instance();
    this.size = header.size();
    this.pages = size / PAGE_SIZE;
    this.maps = maps;
    this.present = maps.present;
    this.dirty = maps.dirty;
    this.gate = new Gate("store " + directory);
    this.sealed = maps.word(StoreMaps.SEALED) != StoreMaps.NONE;
    Fd fd = Fd.open(directory.resolve(DataFile.FILE).toString(), Fd.O_RDWR, 0);
    this.data = new DataFile(fd, options, gate);
    this.table = new PageTable(maps, data, "store " + directory);
    this.generations = table.generations;
    this.checkpoints = new Checkpoints(directory, header, options.bootId(), maps, data, table);
    this.cache =
        new CacheKeeper(fd, size, options.cacheBytes(), directory.getFileName().toString());
  }

  /**
   * Creates a store in {@code directory}, which is made if missing and must be empty, and opens it.
   *
   * @param instance whose region this is, 1 to 255 bytes of UTF-8; checked at every opening
   * @param size in bytes, whole pages
   */
  public static LocalStore create(
      Path directory, String instance, long size, Start start, StoreOptions options)
      throws IOException {
    if (size <= 0 || size % PAGE_SIZE != 0) {
      throw new IllegalArgumentException("size " + size + " is not a positive number of pages");
    }
    // Present pages of a fresh store are holes: they need no flush to be durable.
    PageBitmap confirmed = new PageBitmap(size / PAGE_SIZE);
    if (start == Start.PRESENT) {
      confirmed.setAll();
    }
    byte[] map = PageBitmapCodec.encode(confirmed);
    StoreHeader header = new StoreHeader(instance, size, options.bootId(), false, 0, map);
    StoreFiles.create(directory, header, start == Start.PRESENT);
    return open(directory, instance, options);
  }

  /**
   * Opens what {@link #create} made.
   *
   * @throws StoreException when a file is missing, foreign, truncated or damaged, or belongs to
   *     another instance
   */
  public static LocalStore open(Path directory, String instance, StoreOptions options)
      throws IOException {
    StoreHeader header = StoreFiles.checkedHeader(directory, instance);
    StoreMaps maps = StoreFiles.openMaps(directory, header, options.bootId());
    LocalStore store;
    try {
      store = new LocalStore(directory, header, maps, options);
    } catch (IOException | RuntimeException e) {
      maps.close();
      throw e;
    }
    try {
      // Durable before the first change: from here on a crash of the host is one. Where the header
      // says so already,
      // nothing is written: a restarted server must get its store back on a full disk too.
      if (header.clean() || !header.bootId().equals(options.bootId())) {
        store.checkpoints.withdraw();
      }
      return store;
    } catch (IOException | RuntimeException e) {
      store.release();
      throw e;
    }
  }

  /** Whether {@code directory} holds a store that was created to the end. */
  public static boolean exists(Path directory) {
    return Files.exists(directory.resolve(StoreHeader.FILE));
  }

  /** Deletes a store that nobody has open, or what is left of a creation that was cut short. */
  public static void delete(Path directory) throws IOException {
    StoreFiles.discard(directory);
  }

  /**
   * Who is asked for absent pages from now on. Pages that readers wait for already are asked for
   * again at once.
   */
  public void fetcher(Fetcher fetcher) {
    table.arrivals.fetcher(fetcher);
  }

  @Override
  public long size() {
    return size;
  }

  public long pages() {
    return pages;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.values());
  }

  // Reading.

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    long length = target.byteSize();
    check(offset, length);
    gate.enter();
    try {
      if (length > 0 && !present.all(offset / PAGE_SIZE, PageTable.pagesOf(offset, length))) {
        return false;
      }
      readPresent(offset, target);
      return true;
    } finally {
      gate.leave();
    }
  }

  /**
   * Waits for absent pages, which the {@link Fetcher} is asked for, until they are here or the
   * store is closed.
   */
  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    long length = target.byteSize();
    check(offset, length);
    gate.enter();
    try {
      if (length > 0) {
        table.awaitPages(offset / PAGE_SIZE, PageTable.pagesOf(offset, length));
        readPresent(offset, target);
      }
    } finally {
      gate.leave();
    }
  }

  /** Asks the {@link Fetcher}. */
  @Override
  public void prefetch(long firstPage, long count) {
    checkPages(firstPage, count);
    table.arrivals.request(firstPage, count);
  }

  private void readPresent(long offset, MemorySegment target) throws IOException {
    data.read(offset, target);
    cache.touch(offset, target.byteSize());
  }

  @Override
  public List<Extent> extents(long offset, long length) throws IOException {
    check(offset, length);
    gate.enter();
    try {
      return new ExtentScan(present, data).scan(offset, length);
    } finally {
      gate.leave();
    }
  }

  // Local writes, by the guest that runs here.

  /** Whole pages become present; a part of an absent page waits for the page first. */
  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    change(offset, source.byteSize(), source);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    change(offset, length, null);
  }

  /** Zeroes the whole pages of the range, absent ones too, and leaves the rest. */
  @Override
  public void trim(long offset, long length) throws IOException {
    check(offset, length);
    long from = (offset + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    long to = (offset + length) / PAGE_SIZE * PAGE_SIZE;
    if (from < to) {
      change(from, to - from, null);
    }
  }

  /** Writes {@code source}, or zeroes if it is null. */
  private void change(long offset, long length, MemorySegment source) throws IOException {
    check(offset, length);
    gate.enter();
    try {
      breakLineage();
      written.add(length);
      if (length > 0) {
        table.change(offset, length, source);
        cache.touch(offset, length);
      }
    } finally {
      gate.leave();
    }
  }

  /** Bytes that were written here since it was opened, some of them more than once. */
  public long writtenBytes() {
    return written.sum();
  }

  // Pages from the remote side.

  /**
   * Arrival of whole pages while the guest may run here: takes those that are still absent,
   * atomically against local writes. Sets no dirty bits.
   *
   * @param epoch in which the pages were last written as far as the sender knows ({@link
   *     #generationOf}); its own current epoch if it knows no better. Too old a value would make a
   *     later hop miss the pages
   * @return how many pages were taken
   */
  public int fill(long firstPage, MemorySegment pageData, long epoch) throws IOException {
    return (int) take(firstPage, wholePages(pageData), pageData, epoch, false);
  }

  /** As {@link #fill}, of pages that are zero, which take no space. */
  public long fillZero(long firstPage, long count, long epoch) throws IOException {
    return take(firstPage, count, null, epoch, false);
  }

  /**
   * Arrival of whole pages while the guest does not run here: overwrites what is there. Sets no
   * dirty bits.
   */
  public void receive(long firstPage, MemorySegment pageData, long epoch) throws IOException {
    take(firstPage, wholePages(pageData), pageData, epoch, true);
  }

  /** As {@link #receive}, of pages that are zero, whose space is given back. */
  public void receiveZero(long firstPage, long count, long epoch) throws IOException {
    take(firstPage, count, null, epoch, true);
  }

  private static long wholePages(MemorySegment pageData) {
    if (pageData.byteSize() % PAGE_SIZE != 0) {
      throw new IllegalArgumentException(pageData.byteSize() + " bytes are not whole pages");
    }
    return pageData.byteSize() / PAGE_SIZE;
  }

  private long take(long first, long count, MemorySegment source, long epoch, boolean overwrite)
      throws IOException {
    checkPages(first, count);
    gate.enter();
    try {
      long taken = table.take(first, count, source, epoch, overwrite);
      if (source != null && taken > 0) {
        cache.touch(first * PAGE_SIZE, count * PAGE_SIZE);
      }
      return taken;
    } finally {
      gate.leave();
    }
  }

  /**
   * Makes pages absent, durably, and gives their space back. The guest does not run here. The
   * lineage stays as it is: it speaks of the pages that are present.
   */
  public void forget(PageBitmap stale) throws IOException {
    if (stale.pages() != pages) {
      throw new IllegalArgumentException(stale.pages() + " pages to forget of " + pages);
    }
    gate.enter();
    try {
      table.forget(stale);
      // Before the content goes: after a crash of the host no header may call a hole a page.
      checkpoints.withdraw();
      table.punch(stale);
    } finally {
      gate.leave();
    }
  }

  // What is here, and what changed.

  /** The live presence map; callers only read it, and not after {@link #close}. */
  public PageBitmap present() {
    return present;
  }

  public long absentCount() {
    return table.absent();
  }

  /** Waits until nothing is absent; false if the store was closed before that. */
  public boolean awaitComplete() throws InterruptedException {
    return table.awaitComplete(gate);
  }

  /**
   * Moves the bits of pages that were written locally since the last collection to {@code into};
   * how many. A write that runs meanwhile is in this collection or in the next one. So whoever
   * sends dirty pages collects first and reads their content afterwards: what a racing write
   * changes behind the reader's back has its bit set again.
   */
  public long collectDirty(PageBitmap into) {
    return dirty.moveTo(into);
  }

  /** How many pages the next {@link #collectDirty} would move. */
  public long dirtyCount() {
    return dirty.count();
  }

  /**
   * Sets the epoch with which local writes mark their pages from now on. Costs nothing, survives
   * {@code kill -9}.
   *
   * @throws IllegalArgumentException if {@code epoch} is older than the current one
   */
  public void generation(long epoch) throws IOException {
    gate.enter();
    try {
      generations.begin(epoch);
    } finally {
      gate.leave();
    }
  }

  /**
   * The current epoch: the latest one that {@link #generation(long)} set or that arriving pages
   * came from.
   */
  public long generation() {
    return generations.current();
  }

  /**
   * The epoch in which {@code page} was last written, as far as the store knows; never older than
   * the truth.
   */
  public long generationOf(long page) {
    checkPages(page, 1);
    return generations.of(page);
  }

  /**
   * Pages last written in an epoch newer than {@code epoch}; all pages when that is too long ago to
   * know.
   */
  public PageBitmap changedSince(long epoch) {
    return generations.since(epoch, pages);
  }

  /**
   * What this copy is a copy of: present pages hold what the instance had at the end of that epoch,
   * or something newer that the sender's {@code changedSince(epoch)} names. So a sender owes absent
   * pages and those.
   */
  public Optional<Lineage> lineage() {
    long epoch = maps.word(StoreMaps.SEALED);
    return epoch == StoreMaps.NONE ? Optional.empty() : Optional.of(new Lineage(instance, epoch));
  }

  /**
   * Flushes, and records that this copy is complete through {@code epoch}. The record survives
   * {@code kill -9}, and a crash of the host once the store has been closed.
   *
   * @throws IllegalStateException while pages are absent
   */
  public void sealLineage(long epoch) throws IOException {
    if (table.absent() > 0) {
      throw new IllegalStateException(table.absent() + " pages of " + directory + " are absent");
    }
    flush();
    gate.enter();
    try {
      generations.begin(epoch);
      maps.word(StoreMaps.SEALED, epoch);
      sealed = true;
    } finally {
      gate.leave();
    }
  }

  /**
   * Records that the copy goes its own way from now on. The first local write does this by itself.
   */
  public void breakLineage() {
    if (sealed) {
      maps.word(StoreMaps.SEALED, StoreMaps.NONE);
      sealed = false;
    }
  }

  // Durability and the end.

  /**
   * Once a flush has failed every later one does: the kernel reports an error of writing back once,
   * and forgets.
   *
   * @throws StoreFullException if the disk was full
   */
  @Override
  public void flush() throws IOException {
    gate.enter();
    try {
      checkpoints.flush();
    } finally {
      gate.leave();
    }
  }

  /**
   * Ends all waits, flushes and closes. The files are closed even if the flush fails, which is
   * thrown then.
   */
  @Override
  public void close() throws IOException {
    if (!gate.close()) {
      return;
    }
    table.close();
    gate.awaitEmpty();
    try {
      checkpoints.flushAndClose();
    } finally {
      release();
    }
  }

  private void release() {
    cache.close();
    data.close();
    maps.close();
  }

  private void check(long offset, long length) {
    if (offset < 0 || length < 0 || offset > size - length) {
      throw new IndexOutOfBoundsException(
          length + " bytes at " + offset + " of " + directory + ", which has " + size);
    }
  }

  private void checkPages(long first, long count) {
    if (first < 0 || count < 0 || first > pages - count) {
      throw new IndexOutOfBoundsException(
          count + " pages from " + first + " of " + directory + ", which has " + pages);
    }
  }
}
