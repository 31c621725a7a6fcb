package dev.architekt.region;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a {@link LocalStore} behaves.
 *
 * @param whenFull what a write does when the disk is full
 * @param bootId the running kernel's boot id; a store last open under another one has been through
 *     a host crash
 * @param cacheBytes how much of the data file may stay in the page cache, roughly; the rest is
 *     written back and dropped
 * @param listener told about a full disk, on the thread that met it
 */
public record StoreOptions(WhenFull whenFull, String bootId, long cacheBytes, Listener listener) {
  private static final long CACHE_BYTES = 64L << 20;
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** What a write, a fill or a receive does when the disk is full. */
  public enum WhenFull {
    /** Fails with {@link StoreFullException}: for disks, whose client has a policy of its own. */
    FAIL,
    /**
     * Waits until there is space or the store is closed: for RAM behind a mount, where a failed
     * write would be lost without a word (the kernel marks the page clean). The listener is told
     * when a wait begins and ends.
     */
    WAIT
  }

  /** Told what the store cannot tell a caller. */
  public interface Listener {
    /**
     * A write found the disk full and waits ({@code true}), or goes on ({@code false}). Must not
     * block.
     */
    void full(boolean full);
  }

  public StoreOptions {
    if (cacheBytes <= 0 || bootId.isEmpty()) {
      throw new IllegalArgumentException("cache of " + cacheBytes + " bytes, boot id " + bootId);
    }
  }

  /** Full disks fail; for a disk. */
  public static StoreOptions failing() throws IOException {
    return new StoreOptions(WhenFull.FAIL, runningBootId(), CACHE_BYTES, full -> {});
  }

  /** Full disks wait and {@code listener} hears of it; for RAM behind a mount. */
  public static StoreOptions waiting(Listener listener) throws IOException {
    return new StoreOptions(WhenFull.WAIT, runningBootId(), CACHE_BYTES, listener);
  }

  public StoreOptions withBootId(String id) {
    return new StoreOptions(whenFull, id, cacheBytes, listener);
  }

  public StoreOptions withCacheBytes(long bytes) {
    return new StoreOptions(whenFull, bootId, bytes, listener);
  }

  private static String runningBootId() throws IOException {
    return Files.readString(BOOT_ID).strip();
  }
}
