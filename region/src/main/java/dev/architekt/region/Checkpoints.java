package dev.architekt.region;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a store has promised to keep through a crash of the host: its data file on stable storage,
 * then a header that names the pages which are there.
 */
final class Checkpoints {
  private final Path directory;
  private final String instance;
  private final long size;
  private final String bootId;
  private final StoreMaps maps;
  private final DataFile data;
  private final PageTable table;
  private final Lock lock = new ReentrantLock();
  // Guarded by lock. The presence version whose map the header holds; -1: an older one.
  private long headerVersion = -1;
  private IOException failure;

  Checkpoints(
      Path directory,
      StoreHeader header,
      String bootId,
      StoreMaps maps,
      DataFile data,
      PageTable table) {
    this.directory = directory;
    this.instance = header.instance();
    this.size = header.size();
    this.bootId = bootId;
    this.maps = maps;
    this.data = data;
    this.table = table;
  }

  /** Everything that was done before is on stable storage afterwards. */
  void flush() throws IOException {
    lock.lock();
    try {
      flush(false);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The last flush of a store that nobody uses any more: its live maps become part of the promise.
   */
  void flushAndClose() throws IOException {
    lock.lock();
    try {
      flush(true);
    } finally {
      lock.unlock();
    }
  }

  private void flush(boolean clean) throws IOException {
    if (failure != null) {
      throw new IOException("an earlier flush of " + directory + " failed", failure);
    }
    long version = table.presenceVersion();
    // Taken before the data is written out, so that every page in it is.
    byte[] map = version == headerVersion && !clean ? null : PageBitmapCodec.encode(maps.present);
    try {
      data.fd.syncData();
    } catch (IOException e) {
      failure = DataFile.typed("cannot write out store " + directory, e);
      throw failure;
    }
    if (clean) {
      maps.force();
    }
    if (map != null) {
      int crc = clean ? maps.crc() : 0;
      new StoreHeader(instance, size, bootId, clean, crc, map).write(directory);
      headerVersion = version;
    }
  }

  /**
   * Takes pages that are not present any more out of the promise, and adds none. Marks the store as
   * open.
   */
  void withdraw() throws IOException {
    lock.lock();
    try {
      long version = table.presenceVersion();
      PageBitmap confirmed = StoreHeader.read(directory).presentPages(directory);
      confirmed.and(maps.present);
      byte[] map = PageBitmapCodec.encode(confirmed);
      new StoreHeader(instance, size, bootId, false, 0, map).write(directory);
      headerVersion = confirmed.count() == maps.present.count() ? version : -1;
    } finally {
      lock.unlock();
    }
  }
}
