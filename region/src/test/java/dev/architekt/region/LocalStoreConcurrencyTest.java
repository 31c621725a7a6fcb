package dev.architekt.region;

import static dev.architekt.region.Region.PAGE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalStoreConcurrencyTest {
  private static final int PAGES = 256;
  @TempDir Path temp;

  private LocalStore store(String name, LocalStore.Start start) throws Exception {
    return LocalStore.create(
        temp.resolve(name), "vm", PAGES * PAGE_SIZE, start, StoreOptions.failing());
  }

  private static MemorySegment page(Arena arena, long value) {
    MemorySegment page = arena.allocate(PAGE_SIZE, 8);
    for (int i = 0; i < PAGE_SIZE / 8; i++) {
      page.setAtIndex(ValueLayout.JAVA_LONG, i, value);
    }
    return page;
  }

  /** The value that fills the page; fails on a mixture. */
  private static long value(MemorySegment page, int number) {
    long value = page.get(ValueLayout.JAVA_LONG, 0);
    for (int i = 1; i < PAGE_SIZE / 8; i++) {
      assertThat(page.getAtIndex(ValueLayout.JAVA_LONG, i)).as("page " + number).isEqualTo(value);
    }
    return value;
  }

  /** A guest writes while its pages are collected and sent: at its stop the copy is equal. */
  @RepeatedTest(3)
  void noWriteIsMissedByPreCopyRounds() throws Exception {
    try (LocalStore source = store("source", LocalStore.Start.PRESENT);
        LocalStore target = store("target", LocalStore.Start.ABSENT);
        Arena arena = Arena.ofShared()) {
      AtomicBoolean stop = new AtomicBoolean();
      List<CompletableFuture<Void>> guests = new ArrayList<>();
      for (int g = 0; g < 2; g++) {
        int seed = g;
        guests.add(
            Background.run(() -> {
              Random random = new Random(seed);
              MemorySegment bytes = arena.allocate(3 * PAGE_SIZE, 8);
              while (!stop.get()) {
                int length = 1 + random.nextInt(2 * PAGE_SIZE);
                bytes.fill((byte) random.nextInt());
                long offset = random.nextLong(source.size() - length);
                if (random.nextInt(8) == 0) {
                  source.zero(offset, length);
                } else {
                  source.write(offset, bytes.asSlice(0, length));
                }
              }
              return null;
            }));
      }
      PageBitmap round = new PageBitmap(PAGES);
      round.setAll();
      MemorySegment buffer = arena.allocate(PAGE_SIZE, 8);
      for (int i = 0; i < 200; i++) {
        if (i == 199) {
          stop.set(true);
          for (CompletableFuture<Void> guest : guests) {
            guest.get();
          }
        }
        source.collectDirty(round);
        for (PageRun run = round.nextRun(0, 1); run != null; run = round.nextRun(run.end(), 1)) {
          source.read(run.first() * PAGE_SIZE, buffer);
          target.receive(run.first(), buffer, 0);
        }
        round.clearAll();
      }
      assertThat(Bytes.read(target, 0, PAGES * PAGE_SIZE))
          .isEqualTo(Bytes.read(source, 0, PAGES * PAGE_SIZE));
    }
  }

  /**
   * Post-copy: a guest's write and the late arrival of the same page race; the guest's must stay.
   */
  @RepeatedTest(3)
  void aFillNeverOverwritesAGuestsWrite() throws Exception {
    try (LocalStore store = store("store", LocalStore.Start.ABSENT);
        Arena arena = Arena.ofShared()) {
      MemorySegment old = page(arena, 1);
      CompletableFuture<Void> pusher =
          Background.run(() -> {
            for (int i = 0; i < PAGES; i++) {
              store.fill(i, old, 0);
            }
            return null;
          });
      CompletableFuture<Void> demand =
          Background.run(() -> {
            for (int i = PAGES - 1; i >= 0; i--) {
              store.fill(i, old, 0);
            }
            return null;
          });
      CompletableFuture<Void> reader =
          Background.run(() -> {
            MemorySegment target = arena.allocate(PAGE_SIZE, 8);
            for (int i = 0; i < PAGES; i++) {
              store.read((long) i * PAGE_SIZE, target);
            }
            return null;
          });
      MemorySegment mine = arena.allocate(4L * PAGE_SIZE, 8);
      Random random = new Random();
      boolean[] written = new boolean[PAGES];
      while (store.absentCount() > 0) {
        int first = random.nextInt(PAGES - 4);
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
          mine.asSlice((long) i * PAGE_SIZE, PAGE_SIZE).copyFrom(page(arena, 1000 + first + i));
          written[first + i] = true;
        }
        store.write((long) first * PAGE_SIZE, mine.asSlice(0, (long) count * PAGE_SIZE));
      }
      pusher.get();
      demand.get();
      reader.get();
      assertThat(store.awaitComplete()).isTrue();
      MemorySegment target = arena.allocate(PAGE_SIZE, 8);
      for (int i = 0; i < PAGES; i++) {
        store.read((long) i * PAGE_SIZE, target);
        assertThat(value(target, i)).isEqualTo(written[i] ? 1000 + i : 1);
      }
    }
  }

  @Test
  void overlappingWritesLeaveOneOfThemPerPage() throws Exception {
    try (LocalStore store = store("store", LocalStore.Start.PRESENT);
        Arena arena = Arena.ofShared()) {
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int w = 0; w < 3; w++) {
        MemorySegment bytes = arena.allocate((long) PAGES * PAGE_SIZE, 8);
        bytes.fill((byte) (w + 1));
        writers.add(
            Background.run(() -> {
              for (int i = 0; i < 50; i++) {
                store.write(0, bytes);
              }
              return null;
            }));
      }
      for (CompletableFuture<Void> writer : writers) {
        writer.get();
      }
      MemorySegment target = arena.allocate(PAGE_SIZE, 8);
      for (int i = 0; i < PAGES; i++) {
        store.read((long) i * PAGE_SIZE, target);
        value(target, i);
      }
    }
  }

  @Test
  void readersFillersAndCloseDoNotHang() throws Exception {
    for (int round = 0; round < 20; round++) {
      LocalStore store = store("store" + round, LocalStore.Start.ABSENT);
      List<CompletableFuture<Boolean>> readers = new ArrayList<>();
      for (int r = 0; r < 4; r++) {
        int seed = r;
        readers.add(
            Background.run(() -> {
              Random random = new Random(seed);
              MemorySegment target = Arena.ofAuto().allocate(4L * PAGE_SIZE);
              try {
                while (true) {
                  store.read(random.nextLong(store.size() - target.byteSize()), target);
                }
              } catch (StoreClosedException e) {
                return true;
              }
            }));
      }
      store.fetcher((first, count) -> {
        // Half of what is asked for never comes.
      });
      for (int i = 0; i < PAGES; i += 2) {
        store.fillZero(i, 1, 0);
      }
      store.close();
      for (CompletableFuture<Boolean> reader : readers) {
        assertThat(reader.get()).isTrue();
      }
    }
  }
}
