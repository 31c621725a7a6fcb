package dev.architekt.region;

import static dev.architekt.region.Region.PAGE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A store beside a plain array, through random calls, orderly ends, killed processes and crashed
 * hosts.
 */
class LocalStoreModelTest {
  private static final int PAGES = 150;
  private static final int OPERATIONS = 700;
  @TempDir Path temp;

  private final byte[] content = new byte[PAGES * PAGE_SIZE];
  private final BitSet present = new BitSet();
  private final BitSet dirty = new BitSet();
  private final long[] generation = new long[PAGES];
  // What the last flush confirmed, and what was changed since.
  private BitSet confirmed = new BitSet();
  private final BitSet changed = new BitSet();
  private long epoch;
  private long knownFrom;
  private int boot;
  private Random random;
  private LocalStore store;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void agreesWithAnArray(long seed) throws Exception {
    random = new Random(seed);
    boolean whole = random.nextBoolean();
    store =
        LocalStore.create(
            temp.resolve("store"),
            "vm",
            content.length,
            whole ? LocalStore.Start.PRESENT : LocalStore.Start.ABSENT,
            options());
    if (whole) {
      present.set(0, PAGES);
      confirmed.set(0, PAGES);
    }
    for (int i = 0; i < OPERATIONS; i++) {
      step();
      if (i % 50 == 0) {
        compare();
      }
    }
    compare();
    store.close();
  }

  private StoreOptions options() throws IOException {
    return StoreOptions.failing().withBootId("boot-" + boot).withCacheBytes(1 << 20);
  }

  private void step() throws Exception {
    int first = random.nextInt(PAGES);
    int count = 1 + random.nextInt(Math.min(PAGES - first, 80));
    switch (random.nextInt(100)) {
      case 0 -> {
        store.close();
        confirmed = (BitSet) present.clone();
        changed.clear();
        boot += random.nextInt(2);
        store = LocalStore.open(temp.resolve("store"), "vm", options());
      }
      // kill -9: nothing is closed, another one opens.
      case 1 -> store = LocalStore.open(temp.resolve("store"), "vm", options());
      case 2 -> crashHost();
      case 3, 4 -> {
        store.flush();
        confirmed = (BitSet) present.clone();
        changed.clear();
      }
      case 5, 6 -> {
        epoch += random.nextInt(3);
        store.generation(epoch);
        knownFrom = knownFrom == Long.MAX_VALUE ? epoch : knownFrom;
      }
      case 7, 8, 9 -> {
        PageBitmap into = new PageBitmap(PAGES);
        assertThat(store.collectDirty(into)).isEqualTo(dirty.cardinality());
        dirty.stream().forEach(page -> assertThat(into.get(page)).isTrue());
        dirty.clear();
      }
      case 10, 11, 12 -> forget();
      default -> change(first, Math.min(count, 1 + random.nextInt(80)));
    }
  }

  private void change(int first, int count) throws IOException {
    byte[] bytes = new byte[count * PAGE_SIZE];
    random.nextBytes(bytes);
    long from = Math.max(0, epoch - random.nextInt(3));
    switch (random.nextInt(7)) {
      case 0 -> {
        store.write((long) first * PAGE_SIZE, Bytes.of(bytes));
        local(first, count, bytes);
      }
      case 1 -> partial(first, count, bytes, true);
      case 2 -> {
        store.zero((long) first * PAGE_SIZE, (long) count * PAGE_SIZE);
        local(first, count, new byte[bytes.length]);
      }
      case 3 -> partial(first, count, new byte[bytes.length], false);
      case 4 -> {
        store.receive(first, Bytes.of(bytes), from);
        remote(first, count, bytes, from, true);
      }
      case 5 -> {
        store.receiveZero(first, count, from);
        remote(first, count, new byte[bytes.length], from, true);
      }
      default -> {
        boolean zero = random.nextBoolean();
        long absent = count - present.get(first, first + count).cardinality();
        long taken =
            zero ? store.fillZero(first, count, from) : store.fill(first, Bytes.of(bytes), from);
        assertThat(taken).isEqualTo(absent);
        remote(first, count, zero ? new byte[bytes.length] : bytes, from, false);
      }
    }
  }

  /** Any bytes, as long as the pages at the edges are here. */
  private void partial(int first, int count, byte[] bytes, boolean write) throws IOException {
    if (!present.get(first) || !present.get(first + count - 1)) {
      return;
    }
    int skip = random.nextInt(PAGE_SIZE);
    int length = bytes.length - skip - random.nextInt(Math.min(PAGE_SIZE, bytes.length - skip));
    long offset = (long) first * PAGE_SIZE + skip;
    byte[] part = Arrays.copyOf(bytes, length);
    if (write) {
      store.write(offset, Bytes.of(part));
    } else {
      store.zero(offset, length);
    }
    System.arraycopy(part, 0, content, (int) offset, length);
    mark(first, (int) ((offset + length + PAGE_SIZE - 1) / PAGE_SIZE) - first);
  }

  private void local(int first, int count, byte[] bytes) {
    System.arraycopy(bytes, 0, content, first * PAGE_SIZE, bytes.length);
    mark(first, count);
  }

  private void mark(int first, int count) {
    present.set(first, first + count);
    dirty.set(first, first + count);
    changed.set(first, first + count);
    Arrays.fill(generation, first, first + count, epoch);
  }

  private void remote(int first, int count, byte[] bytes, long from, boolean overwrite) {
    for (int page = first; page < first + count; page++) {
      if (overwrite || !present.get(page)) {
        System.arraycopy(bytes, (page - first) * PAGE_SIZE, content, page * PAGE_SIZE, PAGE_SIZE);
        present.set(page);
        changed.set(page);
        generation[page] = from;
      }
    }
  }

  private void forget() throws IOException {
    PageBitmap stale = new PageBitmap(PAGES);
    for (int i = random.nextInt(20); i > 0; i--) {
      stale.set(random.nextInt(PAGES));
    }
    store.forget(stale);
    for (PageRun run : stale.runs()) {
      present.clear((int) run.first(), (int) run.end());
      confirmed.clear((int) run.first(), (int) run.end());
    }
  }

  /**
   * The kernel wrote back what it liked: unconfirmed pages hold anything, and so do the live maps.
   */
  private void crashHost() throws IOException {
    Path directory = temp.resolve("store");
    try (FileChannel data =
        FileChannel.open(directory.resolve(DataFile.FILE), StandardOpenOption.WRITE)) {
      for (int page = 0; page < PAGES; page++) {
        if (random.nextBoolean() && (changed.get(page) || !confirmed.get(page))) {
          byte[] torn = new byte[PAGE_SIZE];
          random.nextBytes(torn);
          data.write(ByteBuffer.wrap(torn), (long) page * PAGE_SIZE);
        }
      }
    }
    for (String map : new String[] {StoreMaps.PRESENT, StoreMaps.DIRTY, StoreMaps.GENERATION}) {
      byte[] bytes = Files.readAllBytes(directory.resolve(map));
      for (int i = 0; i < PAGES / 8; i++) {
        bytes[i] = (byte) random.nextInt();
      }
      Files.write(directory.resolve(map), bytes, StandardOpenOption.WRITE);
    }
    boot++;
    store = LocalStore.open(directory, "vm", options());
    present.clear();
    present.or(confirmed);
    dirty.clear();
    dirty.or(confirmed);
    for (int page = changed.nextSetBit(0); page >= 0; page = changed.nextSetBit(page + 1)) {
      if (present.get(page)) {
        byte[] now = Bytes.read(store, (long) page * PAGE_SIZE, PAGE_SIZE);
        System.arraycopy(now, 0, content, page * PAGE_SIZE, PAGE_SIZE);
      }
    }
    changed.clear();
    knownFrom = Long.MAX_VALUE;
    assertThat(store.changedSince(epoch).count()).isEqualTo(PAGES);
    assertThat(store.lineage()).isEmpty();
  }

  private void compare() throws IOException {
    assertThat(store.absentCount()).isEqualTo(PAGES - present.cardinality());
    assertThat(store.present().count()).isEqualTo(present.cardinality());
    for (int page = 0; page < PAGES; page++) {
      assertThat(store.present().get(page)).isEqualTo(present.get(page));
      if (present.get(page)) {
        byte[] bytes = Bytes.read(store, (long) page * PAGE_SIZE, PAGE_SIZE);
        int at = page * PAGE_SIZE;
        assertThat(Arrays.equals(bytes, 0, PAGE_SIZE, content, at, at + PAGE_SIZE))
            .as("page " + page)
            .isTrue();
      }
    }
    long size = content.length;
    long at = 0;
    for (Region.Extent extent : store.extents(0, size)) {
      assertThat(extent.offset()).isEqualTo(at);
      at += extent.length();
      for (long page = extent.offset() / PAGE_SIZE; page < at / PAGE_SIZE; page++) {
        boolean here = extent.content() != Region.Content.ABSENT;
        assertThat(present.get((int) page)).isEqualTo(here);
        if (extent.content() == Region.Content.ZERO) {
          int from = (int) page * PAGE_SIZE;
          assertThat(Arrays.copyOfRange(content, from, from + PAGE_SIZE)).containsOnly(0);
        }
      }
    }
    assertThat(at).isEqualTo(size);
    for (long since = Math.max(epoch - 5, 0); since <= epoch && since >= knownFrom; since++) {
      PageBitmap newer = store.changedSince(since);
      for (int page = 0; page < PAGES; page++) {
        if (present.get(page) && generation[page] > since) {
          assertThat(newer.get(page)).as("page " + page + " since " + since).isTrue();
        }
      }
    }
  }
}
