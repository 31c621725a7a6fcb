package dev.architekt.region;

import static dev.architekt.region.Region.PAGE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is not what it should be is refused with what, where, expected and found. */
class LocalStoreDamageTest {
  private static final int PAGES = 100;
  @TempDir Path temp;
  private Path directory;

  @BeforeEach
  void closedStore() throws IOException {
    directory = temp.resolve("store");
    try (LocalStore store =
        LocalStore.create(
            directory,
            "vm-1",
            PAGES * PAGE_SIZE,
            LocalStore.Start.ABSENT,
            StoreOptions.failing())) {
      store.write(0, Bytes.random(1, 33 * PAGE_SIZE));
    }
  }

  private LocalStore open() throws IOException {
    return LocalStore.open(directory, "vm-1", StoreOptions.failing());
  }

  private void refused(String... words) {
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void everyFlippedByteOfTheHeaderIsFound() throws Exception {
    Path file = directory.resolve("header");
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 0x20;
      Files.write(file, bad);
      refused("header");
    }
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      refused("header");
    }
    Files.write(file, good);
    open().close();
  }

  @Test
  void everyFlippedByteOfAMapIsFoundAfterAnOrderlyClose() throws Exception {
    for (String name : new String[] {"present", "dirty", "generation", "epochs"}) {
      Path file = directory.resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < good.length; i++) {
        byte[] bad = good.clone();
        bad[i] ^= 4;
        Files.write(file, bad);
        refused("expected", "found", "damaged");
      }
      Files.write(file, Arrays.copyOf(good, good.length - 1));
      refused(name, "expected a map of " + good.length + " bytes", (good.length - 1) + " bytes");
      Files.delete(file);
      refused(name, "no such file");
      Files.write(file, good);
    }
    open().close();
  }

  @Test
  void aTruncatedOrMissingDataFileIsFound() throws Exception {
    Path file = directory.resolve("data");
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, good.length - 1));
    refused("data", good.length + " bytes", (good.length - 1) + " bytes");
    Files.delete(file);
    refused("data", "no such file");
  }

  @Test
  void anotherInstancesStoreIsRefused() {
    assertThatThrownBy(() -> LocalStore.open(directory, "vm-2", StoreOptions.failing()))
        .isInstanceOf(StoreException.class)
        .hasMessageContainingAll("expected instance vm-2", "found instance vm-1");
  }

  @Test
  void aNewerVersionIsNamed() throws Exception {
    Path file = directory.resolve("header");
    byte[] bytes = Files.readAllBytes(file);
    bytes[8] = 2;
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    for (int i = 0; i < 4; i++) {
      bytes[bytes.length - 4 + i] = (byte) (crc.getValue() >>> 8 * i);
    }
    Files.write(file, bytes);
    refused("expected version 1, found version 2");
  }

  @Test
  void anOccupiedOrUnfinishedDirectoryIsNotTakenForAStore() throws Exception {
    assertThatThrownBy(() ->
            LocalStore.create(
                directory, "x", PAGE_SIZE, LocalStore.Start.PRESENT, StoreOptions.failing()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("empty directory");
    assertThat(LocalStore.exists(directory)).isTrue();
    Files.delete(directory.resolve("header"));
    assertThat(LocalStore.exists(directory)).isFalse();
    refused("header", "no such file");
    LocalStore.delete(directory);
    assertThat(directory).doesNotExist();
  }

  @Test
  void aHalfWrittenNewHeaderIsIgnored() throws Exception {
    Files.writeString(directory.resolve("header.new"), "ARK");
    try (LocalStore store = open()) {
      assertThat(store.absentCount()).isEqualTo(PAGES - 33);
    }
  }
}
