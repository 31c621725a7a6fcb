package dev.architekt.region;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who waits for which absent page. A page is requested once, by its first waiter, however many
 * wait; it is in the map only as long as somebody does, so that memory is bounded by the number of
 * waiting threads.
 */
final class Arrivals {
  private final ConcurrentHashMap<Long, Arrival> waited = new ConcurrentHashMap<>();
  private final PageBitmap present;
  private final String name;
  private volatile Fetcher fetcher;
  private volatile boolean closed;

  /** One page that is waited for. Guarded by itself. */
  private static final class Arrival {
    int waiters;
    boolean done;
  }

  Arrivals(PageBitmap present, String name) {
    this.present = present;
    this.name = name;
  }

  void fetcher(Fetcher next) {
    fetcher = next;
    // A waiter that came before saw no fetcher, or one whose session is gone.
    for (Long page : waited.keySet()) {
      next.request(page, 1);
    }
  }

  /**
   * Asks for the absent pages of the range and waits for none; who was asked, for {@link #await}.
   */
  Fetcher request(long first, long count) {
    Fetcher current = fetcher;
    if (current == null) {
      return null;
    }
    long end = first + count;
    for (long page = present.nextClear(first, end); page < end; ) {
      long until = present.nextSet(page, end);
      current.request(page, (int) Math.min(Integer.MAX_VALUE, until - page));
      page = present.nextClear(until, end);
    }
    return current;
  }

  /**
   * Waits until {@code page} is present, for which {@code asked} (may be null) has been asked
   * already.
   */
  void await(long page, Fetcher asked) throws IOException {
    Arrival[] mine = new Arrival[1];
    boolean[] first = new boolean[1];
    waited.compute(
        page,
        (key, old) -> {
          first[0] = old == null;
          mine[0] = old == null ? new Arrival() : old;
          mine[0].waiters++;
          return mine[0];
        });
    try {
      // In the map first, looked at second: a fill in between finds this waiter or is found by it.
      if (present.get(page)) {
        return;
      }
      Fetcher current = fetcher;
      if (first[0] && current != null && current != asked) {
        current.request(page, 1);
      }
      park(mine[0], page);
    } finally {
      waited.computeIfPresent(page, (key, old) -> --old.waiters == 0 ? null : old);
    }
  }

  private void park(Arrival arrival, long page) throws IOException {
    synchronized (arrival) {
      while (!arrival.done && !present.get(page)) {
        if (closed) {
          throw new StoreClosedException(name);
        }
        try {
          arrival.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException(
              "interrupted while waiting for page " + page + " of " + name);
        }
      }
    }
  }

  /** To be called after pages became present. */
  void arrived(long first, long count) {
    if (waited.isEmpty()) {
      return;
    }
    for (long page = first; page < first + count; page++) {
      Arrival arrival = waited.get(page);
      if (arrival != null) {
        synchronized (arrival) {
          arrival.done = true;
          arrival.notifyAll();
        }
      }
    }
  }

  /** Ends every wait with {@link StoreClosedException}. */
  void close() {
    closed = true;
    for (Arrival arrival : waited.values()) {
      synchronized (arrival) {
        arrival.notifyAll();
      }
    }
  }
}
