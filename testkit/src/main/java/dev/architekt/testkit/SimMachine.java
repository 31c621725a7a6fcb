package dev.architekt.testkit;

import java.util.Arrays;

/**
 * A hypervisor process on one host and the page cache that is its guest's RAM. The process and the
 * cache outlive the node process; power takes both.
 */
public final class SimMachine {
  /** What the process is doing. */
  public enum State {
    NONE,
    /** Waits for incoming state. */
    WAITING,
    RUNNING,
    PAUSED,
    /** Was running when the power went. */
    GONE
  }

  private static final long NOT_CACHED = -1;

  private final SimStore memory;
  private final long[] cache;
  private final boolean[] dirty;
  private State state = State.NONE;
  private long cpu;
  private boolean stateTaken;

  public SimMachine(SimStore memory) {
    this.memory = memory;
    this.cache = new long[memory.pages()];
    this.dirty = new boolean[memory.pages()];
    Arrays.fill(cache, NOT_CACHED);
  }

  public State state() {
    return state;
  }

  public void state(State next) {
    state = next;
    stateTaken &= next != State.RUNNING;
  }

  /** Takes the state of the paused guest; once a pause, as a hypervisor does; whether it was. */
  public boolean takeState() {
    boolean first = !stateTaken && state == State.PAUSED;
    stateTaken = true;
    return first;
  }

  /** How far the guest has come, as this machine's processor knows it. */
  public long cpu() {
    return cpu;
  }

  public void cpu(long value) {
    cpu = value;
  }

  /** Reads a page as the guest sees it; {@link SimStore#ABSENT} when it has to wait. */
  public long read(int page) {
    if (cache[page] == NOT_CACHED) {
      cache[page] = memory.read(page);
    }
    return cache[page];
  }

  /** Whether a read of the page asks nobody. */
  public boolean cached(int page) {
    return cache[page] != NOT_CACHED;
  }

  /** The guest writes a page that it has read. */
  public void write(int page, long version) {
    cache[page] = version;
    dirty[page] = true;
  }

  /**
   * The kernel writes one dirty page back, as it may at any time while somebody serves the mount.
   */
  public void writeBack(int page, long epoch) {
    if (dirty[page]) {
      memory.write(page, cache[page], epoch);
      dirty[page] = false;
    }
  }

  /** fsync of the mount. */
  public void flush(long epoch) {
    for (int page = 0; page < cache.length; page++) {
      writeBack(page, epoch);
    }
  }

  /** The kernel drops a clean page. */
  public void evict(int page) {
    if (!dirty[page]) {
      cache[page] = NOT_CACHED;
    }
  }

  /** FUSE_NOTIFY_STORE: overwrites, dirty or not, and leaves the page clean. */
  public void store(int page, long version) {
    cache[page] = version;
    dirty[page] = false;
  }

  /** The cached page is dropped, whatever it holds. */
  public void invalidate(int page) {
    cache[page] = NOT_CACHED;
    dirty[page] = false;
  }

  /** The process ends; its cache is dropped unwritten. */
  public void end(State next) {
    Arrays.fill(cache, NOT_CACHED);
    Arrays.fill(dirty, false);
    stateTaken = false;
    state = next;
  }
}
