package dev.architekt.testkit;

import java.util.PriorityQueue;

/** Virtual time: what happens when. Things at the same moment happen in the order of entry. */
public final class Agenda {
  private record Entry(long at, long order, Runnable action) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private long now;
  private long order;

  /** Nanoseconds since the run began. */
  public long now() {
    return now;
  }

  public void in(long nanos, Runnable action) {
    entries.add(new Entry(now + Math.max(0, nanos), order++, action));
  }

  public void at(long moment, Runnable action) {
    in(moment - now, action);
  }

  /** Does the next thing; false when there is none. */
  public boolean step() {
    Entry entry = entries.poll();
    if (entry == null) {
      return false;
    }
    now = entry.at();
    entry.action().run();
    return true;
  }
}
