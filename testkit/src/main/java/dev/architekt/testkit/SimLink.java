package dev.architekt.testkit;

import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.util.Arrays;

/**
 * One link between two hosts: lanes that keep their own order and overtake each other. When it is
 * lost each end notices at its own time, and hears until then what was due before.
 */
public final class SimLink {
  /** One end of the link. */
  public interface End {
    void received(SimLink link, int lane, Message message);

    void down(SimLink link);
  }

  private static final int SIDES = 2;

  public final int number;
  private final Agenda agenda;
  private final Dice dice;
  private final End[] ends;
  private final long latencyNanos;
  private final long jitterNanos;
  private final long[][] lastDue = new long[SIDES][Lane.COUNT_MAX];
  private final long[] deafFrom = {Long.MAX_VALUE, Long.MAX_VALUE};
  private boolean lost;
  private final long[] extraNanos = new long[Lane.COUNT_MAX];
  private long delivered;

  public SimLink(
      int number,
      Agenda agenda,
      Dice dice,
      End first,
      End second,
      long latencyNanos,
      long jitterNanos) {
    this.number = number;
    this.agenda = agenda;
    this.dice = dice;
    this.ends = new End[] {first, second};
    this.latencyNanos = latencyNanos;
    this.jitterNanos = jitterNanos;
  }

  public boolean alive() {
    return !lost;
  }

  /** Messages that arrived. */
  public long delivered() {
    return delivered;
  }

  /** What is sent from now on takes longer by this. */
  public void delay(long nanos) {
    Arrays.fill(extraNanos, nanos);
  }

  /**
   * The same on one lane: a connection of its own, which alone waits for a segment to be resent.
   */
  public void delay(int lane, long nanos) {
    extraNanos[lane] = nanos;
  }

  public void send(End from, int lane, Message message) {
    int to = from == ends[0] ? 1 : 0;
    if (lost) {
      return;
    }
    long due = agenda.now() + latencyNanos + extraNanos[lane] + dice.between(0, jitterNanos);
    long inOrder = Math.max(due, lastDue[to][lane] + 1);
    lastDue[to][lane] = inOrder;
    agenda.at(
        inOrder,
        () -> {
          if (agenda.now() < deafFrom[to]) {
            delivered++;
            ends[to].received(this, lane, message);
          }
        });
  }

  /** The link is lost; each end hears of it within {@code noticeNanos}. */
  public void lose(long noticeNanos) {
    if (lost) {
      return;
    }
    lost = true;
    for (int side = 0; side < SIDES; side++) {
      int at = side;
      long notice = dice.between(0, noticeNanos);
      deafFrom[at] = agenda.now() + notice;
      agenda.in(notice, () -> ends[at].down(this));
    }
  }
}
