package dev.architekt.region;

/**
 * How a {@link LocalStore} behaves.
 *
 * @param whenFull what a write does when the disk is full
 * @param bootId the running kernel's boot id; a store last open under another one has been through a host crash
 * @param cacheBytes how much of the data file is left in the page cache before the rest is written back and dropped
 * @param listener told about a full disk, on the thread that met it
 */
public record StoreOptions(WhenFull whenFull, String bootId, long cacheBytes, Listener listener) {
  /** What a write, a fill or a receive does when the disk is full. */
  public enum WhenFull {
    /** Fails with {@link StoreFullException}: for disks, whose client has a policy of its own. */
    FAIL,
    /**
     * Waits until there is space: for RAM, where a failed write would be lost without a word (the kernel marks the
     * page clean). The listener is told at the beginning and the end of the wait.
     */
    WAIT
  }

  /** Told what the store cannot tell a caller. */
  public interface Listener {
    /** The disk is full and writes wait ({@code true}), or go on ({@code false}). */
    void full(boolean full);
  }
}
