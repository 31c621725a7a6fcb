package dev.architekt.region;

import static dev.architekt.region.Region.PAGE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of 4 MiB. Needs the right to mount one. */
@Timeout(60)
class DiskFullTest {
  private static final int PAGES = 4096;
  @TempDir Path temp;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(temp.resolve("disk"));
    int status = run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString());
    Assumptions.assumeTrue(status == 0, "cannot mount a small file system here (needs root)");
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      run("umount", "-l", disk.toString());
    }
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).redirectErrorStream(true).inheritIO().start().waitFor();
  }

  private LocalStore store(StoreOptions options) throws Exception {
    return LocalStore.create(
        disk.resolve("store"), "vm", PAGES * PAGE_SIZE, LocalStore.Start.PRESENT, options);
  }

  @Test
  void aWriteIsToldAndWhatWasWrittenBeforeStays() throws Exception {
    LocalStore store = store(StoreOptions.failing());
    int taken = 0;
    try {
      for (; taken < PAGES; taken++) {
        store.write((long) taken * PAGE_SIZE, Bytes.filled(taken % 100 + 1, PAGE_SIZE));
      }
    } catch (StoreFullException e) {
      assertThat(e).hasMessageContaining("make space");
    }
    assertThat(taken).isBetween(800, 1024);
    for (int page = 0; page < taken; page++) {
      assertThat(Bytes.read(store, (long) page * PAGE_SIZE, PAGE_SIZE))
          .containsOnly(page % 100 + 1);
    }
    // Overwriting and giving back still work, and then there is space again.
    store.write(0, Bytes.filled(7, PAGE_SIZE));
    store.zero(PAGE_SIZE, 10 * PAGE_SIZE);
    store.write((long) taken * PAGE_SIZE, Bytes.filled(9, PAGE_SIZE));
    store.flush();
    store.close();
    try (LocalStore again = LocalStore.open(disk.resolve("store"), "vm", StoreOptions.failing())) {
      assertThat(Bytes.read(again, (long) taken * PAGE_SIZE, PAGE_SIZE)).containsOnly(9);
    }
  }

  @Test
  void ramWaitsForSpaceAndSaysSo() throws Exception {
    List<Boolean> told = new CopyOnWriteArrayList<>();
    try (LocalStore store = store(StoreOptions.waiting(told::add))) {
      Files.write(disk.resolve("ballast"), new byte[3 << 20]);
      CompletableFuture<Boolean> writer =
          Background.run(() -> {
            for (int page = 0; page < 400; page++) {
              store.write((long) page * PAGE_SIZE, Bytes.filled(page % 100 + 1, PAGE_SIZE));
            }
            return true;
          });
      Background.await(() -> !told.isEmpty());
      assertThat(told).containsExactly(true);
      assertThat(writer).isNotDone();
      Files.delete(disk.resolve("ballast"));
      assertThat(writer.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(told).containsExactly(true, false);
      for (int page = 0; page < 400; page++) {
        assertThat(Bytes.read(store, (long) page * PAGE_SIZE, PAGE_SIZE))
            .containsOnly(page % 100 + 1);
      }
    }
  }

  @Test
  void aWaitForSpaceEndsWithTheStore() throws Exception {
    List<Boolean> told = new CopyOnWriteArrayList<>();
    LocalStore store = store(StoreOptions.waiting(told::add));
    CompletableFuture<Boolean> writer =
        Background.run(() -> {
          store.write(0, Bytes.filled(1, (long) PAGES * PAGE_SIZE));
          return true;
        });
    Background.await(() -> !told.isEmpty());
    assertThat(writer).isNotDone();
    try {
      store.close();
    } catch (StoreFullException e) {
      // No space for the last header: the store stays as after kill -9, which open takes.
      assertThat(e).hasMessageContaining("header");
    }
    assertThatThrownBy(writer::get).hasCauseInstanceOf(StoreFullException.class);
    // A full disk must not keep a restarted server from its store.
    LocalStore again = LocalStore.open(disk.resolve("store"), "vm", StoreOptions.failing());
    assertThat(Bytes.read(again, 0, PAGE_SIZE)).containsOnly(1);
    again.zero(0, again.size());
    again.close();
  }

  @Test
  void creatingAStoreWhereItsMapsDoNotFitIsTold() throws Exception {
    assertThatThrownBy(() ->
            LocalStore.create(
                disk.resolve("large"),
                "vm",
                64L << 30,
                LocalStore.Start.PRESENT,
                StoreOptions.failing()))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("make space");
    assertThat(LocalStore.exists(disk.resolve("large"))).isFalse();
    LocalStore.delete(disk.resolve("large"));
  }
}
