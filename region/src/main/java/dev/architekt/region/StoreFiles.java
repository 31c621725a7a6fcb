package dev.architekt.region;

import dev.architekt.linux.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The files of a {@link LocalStore}: made, opened and, after a crash of the host, put right. */
final class StoreFiles {
  private StoreFiles() {}

  static void create(Path directory, StoreHeader header, boolean present) throws IOException {
    Files.createDirectories(directory);
    try (Stream<Path> entries = Files.list(directory)) {
      Path other = entries.findAny().orElse(null);
      if (other != null) {
        throw new StoreException(
            directory, "an empty directory for a new store", other.getFileName() + " in it");
      }
    }
    long pages = header.size() / Region.PAGE_SIZE;
    StoreMaps.create(directory, pages);
    Path data = directory.resolve(DataFile.FILE);
    try (Fd file = Fd.open(data.toString(), Fd.O_RDWR | Fd.O_CREAT | Fd.O_EXCL, 0600)) {
      file.truncate(header.size());
      file.sync();
    }
    try (StoreMaps maps = new StoreMaps(directory, pages)) {
      maps.word(StoreMaps.SEALED, StoreMaps.NONE);
      if (present) {
        maps.present.setAll();
      }
      maps.force();
    }
    // Last: a directory without a header is a creation that was cut short, not a store.
    header.write(directory);
  }

  /** Removes what is left of a creation that was cut short. Files that no store has stay. */
  static void discard(Path directory) throws IOException {
    for (String name :
        new String[] {
          StoreHeader.FILE,
          StoreHeader.FILE + ".new",
          DataFile.FILE,
          StoreMaps.PRESENT,
          StoreMaps.DIRTY,
          StoreMaps.GENERATION,
          StoreMaps.EPOCHS
        }) {
      Files.deleteIfExists(directory.resolve(name));
    }
    Files.deleteIfExists(directory);
  }

  static StoreHeader checkedHeader(Path directory, String instance) throws IOException {
    StoreHeader header = StoreHeader.read(directory);
    if (!header.instance().equals(instance)) {
      throw new StoreException(
          directory.resolve(StoreHeader.FILE),
          "instance " + instance,
          "instance " + header.instance());
    }
    Path data = directory.resolve(DataFile.FILE);
    if (!Files.isRegularFile(data) || Files.size(data) != header.size()) {
      throw new StoreException(
          data,
          "a file of " + header.size() + " bytes",
          Files.exists(data) ? Files.size(data) + " bytes" : "no such file");
    }
    return header;
  }

  /**
   * The store's maps as far as they can be trusted, which {@code header} and the running boot id
   * decide.
   */
  static StoreMaps openMaps(Path directory, StoreHeader header, String bootId) throws IOException {
    StoreMaps maps = new StoreMaps(directory, header.size() / Region.PAGE_SIZE);
    try {
      if (header.clean()) {
        int crc = maps.crc();
        if (crc != header.mapsCrc()) {
          throw new StoreException(
              directory,
              "maps (present, dirty, generation, epochs) with CRC32C "
                  + StoreHeader.hex(header.mapsCrc()),
              StoreHeader.hex(crc) + " (one of them is damaged)");
        }
      } else if (!header.bootId().equals(bootId)) {
        recover(maps, header.presentPages(directory));
      }
      return maps;
    } catch (IOException | RuntimeException e) {
      maps.close();
      throw e;
    }
  }

  /**
   * The host went down with the store open, and the kernel wrote maps and data back as it liked.
   * Known is only what the last flush confirmed; whatever is not known is taken to be changed.
   */
  private static void recover(StoreMaps maps, PageBitmap confirmed) {
    maps.present.clearAll();
    maps.present.or(confirmed);
    maps.dirty.clearAll();
    maps.dirty.or(confirmed);
    maps.word(StoreMaps.SEALED, StoreMaps.NONE);
    maps.word(StoreMaps.KNOWN_FROM, StoreMaps.UNKNOWN);
    maps.force();
  }
}
