package dev.architekt.region;

import static dev.architekt.region.Region.PAGE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.region.Region.Content;
import dev.architekt.region.Region.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalStoreTest {
  private static final long PAGES = 300;
  @TempDir Path temp;

  private LocalStore create(LocalStore.Start start) throws IOException {
    return LocalStore.create(
        temp.resolve("store"), "vm-1", PAGES * PAGE_SIZE, start, StoreOptions.failing());
  }

  private LocalStore reopen() throws IOException {
    return LocalStore.open(temp.resolve("store"), "vm-1", StoreOptions.failing());
  }

  @Test
  void aFreshPresentStoreReadsAsZeroes() throws Exception {
    try (LocalStore store = create(LocalStore.Start.PRESENT)) {
      assertThat(Bytes.read(store, 0, 10 * PAGE_SIZE)).containsOnly(0);
      assertThat(store.absentCount()).isZero();
      assertThat(store.extents(100, 2 * PAGE_SIZE))
          .containsExactly(new Extent(100, 2 * PAGE_SIZE, Content.ZERO));
      assertThat(store.dirtyCount()).isZero();
    }
  }

  @Test
  void anAbsentPageIsAskedForOnceAndWaitsForItsFill() throws Exception {
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      store.fetcher((first, count) -> asked.add(first + "+" + count));
      MemorySegment page = Bytes.random(1, PAGE_SIZE);
      assertThat(store.tryRead(7 * PAGE_SIZE, Bytes.filled(0, PAGE_SIZE))).isFalse();
      List<Background<byte[]>> readers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        readers.add(Background.run(() -> Bytes.read(store, 7 * PAGE_SIZE, PAGE_SIZE)));
      }
      Background.await(() -> !asked.isEmpty());
      for (Background<byte[]> reader : readers) {
        reader.awaitWaiting();
      }
      assertThat(store.fill(7, page, 0)).isEqualTo(1);
      for (CompletableFuture<byte[]> reader : readers) {
        assertThat(Bytes.of(reader.get()).mismatch(page)).isEqualTo(-1);
      }
      // All readers that came while the first one waited share its request.
      assertThat(asked).startsWith("7+1").hasSizeLessThanOrEqualTo(4);
      assertThat(store.dirtyCount()).as("arrivals are not local writes").isZero();
      assertThat(store.fill(7, Bytes.filled(9, PAGE_SIZE), 0)).as("here already").isZero();
      assertThat(store.absentCount()).isEqualTo(PAGES - 1);
    }
  }

  @Test
  void aReadOfSeveralAbsentPagesAsksForTheRunAtOnce() throws Exception {
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      store.receive(3, Bytes.filled(3, PAGE_SIZE), 0);
      store.fetcher((first, count) -> asked.add(first + "+" + count));
      CompletableFuture<byte[]> reader =
          Background.run(() -> Bytes.read(store, PAGE_SIZE, 5 * PAGE_SIZE));
      Background.await(() -> asked.size() == 2);
      store.fill(4, Bytes.filled(4, 2 * PAGE_SIZE), 0);
      store.fillZero(0, 3, 0);
      assertThat(reader.get(5, TimeUnit.SECONDS)[2 * PAGE_SIZE]).isEqualTo((byte) 3);
      assertThat(asked).containsExactly("1+2", "4+2");
    }
  }

  @Test
  void aNewFetcherIsAskedForWhatIsWaitedFor() throws Exception {
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      Background<byte[]> reader = Background.run(() -> Bytes.read(store, 0, PAGE_SIZE));
      reader.awaitWaiting();
      CompletableFuture<Long> asked = new CompletableFuture<>();
      store.fetcher((first, count) -> asked.complete(first));
      assertThat(asked.get(5, TimeUnit.SECONDS)).isZero();
      store.fillZero(0, 1, 0);
      assertThat(reader.get(5, TimeUnit.SECONDS)).containsOnly(0);
    }
  }

  @Test
  void closeEndsEveryWait() throws Exception {
    LocalStore store = create(LocalStore.Start.ABSENT);
    Background<byte[]> reader = Background.run(() -> Bytes.read(store, 0, PAGE_SIZE));
    Background<Boolean> complete = Background.run(store::awaitComplete);
    Background<Boolean> writer =
        Background.run(() -> {
          store.write(10, Bytes.filled(1, 10));
          return true;
        });
    reader.awaitWaiting();
    complete.awaitWaiting();
    writer.awaitWaiting();
    store.close();
    assertThatThrownBy(reader::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StoreClosedException.class);
    assertThatThrownBy(writer::get).hasCauseInstanceOf(StoreClosedException.class);
    assertThat(complete.get()).isFalse();
    assertThatThrownBy(() -> store.read(0, Bytes.filled(0, 1)))
        .isInstanceOf(StoreClosedException.class);
    store.close();
  }

  @Test
  void aWholePageWrittenByTheGuestWinsOverItsLateFill() throws Exception {
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      store.write(5 * PAGE_SIZE, Bytes.filled(1, PAGE_SIZE));
      assertThat(store.fill(4, Bytes.filled(2, 3 * PAGE_SIZE), 0)).isEqualTo(2);
      assertThat(Bytes.read(store, 5 * PAGE_SIZE, PAGE_SIZE)).containsOnly(1);
      assertThat(Bytes.read(store, 6 * PAGE_SIZE, PAGE_SIZE)).containsOnly(2);
      store.zero(9 * PAGE_SIZE, PAGE_SIZE);
      assertThat(store.fill(9, Bytes.filled(2, PAGE_SIZE), 0)).isZero();
      assertThat(Bytes.read(store, 9 * PAGE_SIZE, PAGE_SIZE)).containsOnly(0);
    }
  }

  @Test
  void aPartOfAnAbsentPageIsWrittenOverItsArrivedContent() throws Exception {
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      store.fetcher((first, count) ->
          Thread.ofPlatform()
              .start(() -> {
                try {
                  store.fill(first, Bytes.filled(2, (long) count * PAGE_SIZE), 0);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }));
      store.write(PAGE_SIZE - 10, Bytes.filled(1, 20));
      byte[] bytes = Bytes.read(store, 0, 2 * PAGE_SIZE);
      assertThat(bytes[PAGE_SIZE - 11]).isEqualTo((byte) 2);
      assertThat(bytes[PAGE_SIZE - 10]).isEqualTo((byte) 1);
      assertThat(bytes[PAGE_SIZE + 9]).isEqualTo((byte) 1);
      assertThat(bytes[PAGE_SIZE + 10]).isEqualTo((byte) 2);
      assertThat(store.dirtyCount()).isEqualTo(2);
    }
  }

  @Test
  void collectMovesWhatWasWrittenSinceTheLastOne() throws Exception {
    try (LocalStore store = create(LocalStore.Start.PRESENT)) {
      store.write(10 * PAGE_SIZE + 5, Bytes.filled(1, PAGE_SIZE));
      store.zero(100 * PAGE_SIZE, 70 * PAGE_SIZE);
      PageBitmap round = new PageBitmap(PAGES);
      assertThat(store.collectDirty(round)).isEqualTo(72);
      assertThat(round.runs()).containsExactly(new PageRun(10, 2), new PageRun(100, 70));
      assertThat(store.collectDirty(round)).isZero();
      store.write(0, Bytes.filled(1, 1));
      assertThat(store.dirtyCount()).isEqualTo(1);
    }
  }

  @Test
  void aReturnHopNeedsOnlyWhatChangedElsewhere() throws Exception {
    // A runs the instance in epoch 1, B in epoch 2, A again in epoch 3.
    StoreOptions options = StoreOptions.failing();
    long size = PAGES * PAGE_SIZE;
    try (LocalStore a =
            LocalStore.create(temp.resolve("a"), "vm", size, LocalStore.Start.PRESENT, options);
        LocalStore b =
            LocalStore.create(temp.resolve("b"), "vm", size, LocalStore.Start.ABSENT, options)) {
      a.generation(1);
      a.write(20 * PAGE_SIZE, Bytes.filled(1, 5 * PAGE_SIZE));
      a.sealLineage(1);
      for (long page = 0; page < PAGES; page++) {
        b.fill(page, Bytes.of(Bytes.read(a, page * PAGE_SIZE, PAGE_SIZE)), a.generationOf(page));
      }
      b.generation(2);
      assertThat(b.changedSince(1).isEmpty()).isTrue();
      assertThat(b.changedSince(0).runs()).containsExactly(new PageRun(20, 5));
      b.write(22 * PAGE_SIZE, Bytes.filled(2, PAGE_SIZE));
      PageBitmap owed = b.changedSince(a.lineage().orElseThrow().epoch());
      assertThat(owed.runs()).containsExactly(new PageRun(22, 1));
      a.forget(owed);
      assertThat(a.lineage()).contains(new Lineage("vm", 1));
      a.fill(22, Bytes.of(Bytes.read(b, 22 * PAGE_SIZE, PAGE_SIZE)), b.generationOf(22));
      a.generation(3);
      assertThat(a.absentCount()).isZero();
      assertThat(Bytes.read(a, 0, (int) size)).isEqualTo(Bytes.read(b, 0, (int) size));
      assertThat(a.changedSince(1).runs()).containsExactly(new PageRun(22, 1));
      assertThat(a.changedSince(2).isEmpty()).isTrue();
      a.write(0, Bytes.filled(7, 1));
      assertThat(a.lineage()).as("the guest runs here again").isEmpty();
    }
  }

  @Test
  void generationsOutsideTheWindowCountAsChangedNeverAsUnchanged() throws Exception {
    try (LocalStore store = create(LocalStore.Start.PRESENT)) {
      for (long epoch = 1; epoch <= 1000; epoch++) {
        store.generation(epoch);
        store.write(epoch % PAGES * PAGE_SIZE, Bytes.filled(1, PAGE_SIZE));
        assertThat(store.generationOf(epoch % PAGES)).isEqualTo(epoch);
      }
      for (long since = 1000; since >= 751; since--) {
        PageBitmap changed = store.changedSince(since);
        for (long epoch = since + 1; epoch <= 1000; epoch++) {
          assertThat(changed.get(epoch % PAGES)).isTrue();
        }
      }
      assertThat(store.changedSince(900).count()).isBetween(100L, PAGES - 1);
      assertThat(store.changedSince(749).count()).isEqualTo(PAGES);
      assertThatThrownBy(() -> store.generation(999)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void receivedPagesOverwriteAndKeepTheSendersEpoch() throws Exception {
    try (LocalStore store = create(LocalStore.Start.PRESENT)) {
      store.write(0, Bytes.filled(1, 10 * PAGE_SIZE));
      store.receive(2, Bytes.filled(5, 2 * PAGE_SIZE), 4);
      store.receiveZero(6, 1, 3);
      assertThat(store.generation()).isEqualTo(4);
      assertThat(store.generationOf(2)).isEqualTo(4);
      assertThat(store.generationOf(6)).isEqualTo(3);
      assertThat(store.generationOf(0)).isEqualTo(0);
      assertThat(Bytes.read(store, 2 * PAGE_SIZE, 2 * PAGE_SIZE)).containsOnly(5);
      assertThat(Bytes.read(store, 6 * PAGE_SIZE, PAGE_SIZE)).containsOnly(0);
      assertThat(store.extents(5 * PAGE_SIZE, 3 * PAGE_SIZE))
          .containsExactly(
              new Extent(5 * PAGE_SIZE, PAGE_SIZE, Content.DATA),
              new Extent(6 * PAGE_SIZE, PAGE_SIZE, Content.ZERO),
              new Extent(7 * PAGE_SIZE, PAGE_SIZE, Content.DATA));
    }
  }

  @Test
  void extentsCoverTheRangeExactly() throws Exception {
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      store.receive(2, Bytes.filled(5, PAGE_SIZE), 0);
      store.receiveZero(3, 2, 0);
      assertThat(store.extents(PAGE_SIZE + 1, 5 * PAGE_SIZE))
          .containsExactly(
              new Extent(PAGE_SIZE + 1, PAGE_SIZE - 1, Content.ABSENT),
              new Extent(2 * PAGE_SIZE, PAGE_SIZE, Content.DATA),
              new Extent(3 * PAGE_SIZE, 2 * PAGE_SIZE, Content.ZERO),
              new Extent(5 * PAGE_SIZE, PAGE_SIZE + 1, Content.ABSENT));
      assertThat(store.extents(0, 0)).isEmpty();
    }
  }

  @Test
  void refusesRangesOutside() throws Exception {
    try (LocalStore store = create(LocalStore.Start.PRESENT)) {
      long size = store.size();
      for (long[] range : new long[][] {{size, 1}, {-1, 1}, {0, size + 1}, {Long.MAX_VALUE, 8}}) {
        MemorySegment segment = Bytes.filled(0, Math.min(range[1], size + 1));
        assertThatThrownBy(() -> store.read(range[0], segment))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> store.write(range[0], segment))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> store.zero(range[0], range[1]))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> store.extents(range[0], range[1]))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      assertThatThrownBy(() -> store.fill(PAGES, Bytes.filled(0, PAGE_SIZE), 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> store.fill(0, Bytes.filled(0, 100), 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void everythingIsThereAfterAnOrderlyClose() throws Exception {
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      store.generation(5);
      store.write(0, Bytes.random(3, 7 * PAGE_SIZE));
      store.fillZero(7, PAGES - 7, 4);
      store.sealLineage(5);
    }
    // Not a crash, even if the host was started anew meanwhile.
    try (LocalStore store =
        LocalStore.open(
            temp.resolve("store"), "vm-1", StoreOptions.failing().withBootId("another"))) {
      assertThat(store.lineage()).contains(new Lineage("vm-1", 5));
      assertThat(store.dirtyCount()).isEqualTo(7);
      assertThat(store.absentCount()).isZero();
      assertThat(store.changedSince(4).runs()).containsExactly(new PageRun(0, 7));
      assertThat(
              Bytes.of(Bytes.read(store, 0, 7 * PAGE_SIZE))
                  .mismatch(Bytes.random(3, 7 * PAGE_SIZE)))
          .isEqualTo(-1);
      assertThatThrownBy(() -> store.forget(new PageBitmap(3)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    try (LocalStore store = reopen()) {
      assertThat(store.lineage()).isPresent();
    }
  }

  /** Work on a few pages must not look at the maps of all. */
  @Test
  @Timeout(30)
  void aRegionOf64GibIsFilledAndReadQuickly() throws Exception {
    long size = 64L << 30;
    try (LocalStore store =
        LocalStore.create(
            temp.resolve("large"), "vm", size, LocalStore.Start.ABSENT, StoreOptions.failing())) {
      store.write(size - PAGE_SIZE, Bytes.filled(1, PAGE_SIZE));
      assertThat(store.fillZero(0, store.pages(), 0)).isEqualTo(store.pages() - 1);
      MemorySegment page = Bytes.filled(0, PAGE_SIZE);
      for (int i = 0; i < 100_000; i++) {
        store.read((long) i * PAGE_SIZE, page);
      }
      assertThat(store.extents(0, size)).hasSize(2);
    }
  }

  @Test
  void sealingNeedsEveryPage() throws Exception {
    try (LocalStore store = create(LocalStore.Start.ABSENT)) {
      assertThatThrownBy(() -> store.sealLineage(1)).isInstanceOf(IllegalStateException.class);
      store.receiveZero(0, PAGES, 0);
      assertThat(store.awaitComplete()).isTrue();
      store.sealLineage(1);
      store.write(0, Bytes.filled(1, 1));
      assertThat(store.lineage()).isEmpty();
    }
  }
}
