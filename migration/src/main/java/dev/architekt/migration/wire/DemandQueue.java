package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The demands of one lane: those on their way, in the order of sending, which is that of the
 * answers; and those that wait for their turn, neighbours merged. Not thread-safe.
 */
final class DemandQueue {
  /** A demand on its way, and how much of it has come. */
  private static final class Outstanding {
    private final Message.Demand demand;
    private int arrived;

    Outstanding(Message.Demand demand) {
      this.demand = demand;
    }
  }

  private final Deque<Outstanding> sent = new ArrayDeque<>();
  private final Deque<Message.Demand> waiting = new ArrayDeque<>();
  private int pagesSent;

  int demandsSent() {
    return sent.size();
  }

  /** Pages that were asked for and have not come. */
  int pagesSent() {
    return pagesSent;
  }

  boolean isEmpty() {
    return sent.isEmpty() && waiting.isEmpty();
  }

  void sent(Message.Demand demand) {
    sent.addLast(new Outstanding(demand));
    pagesSent += demand.pages();
  }

  /** Puts a demand last; one that waits already and is next to it takes it in. */
  void await(Message.Demand demand) {
    Message.Demand last = waiting.peekLast();
    if (last != null) {
      if (covers(last, demand)) {
        return;
      }
      if (last.region() == demand.region()
          && last.firstPage() + last.pages() == demand.firstPage()
          && last.pages() + demand.pages() <= Bounds.DATA_PAGES_MAX) {
        waiting.removeLast();
        waiting.addLast(
            new Message.Demand(last.region(), last.firstPage(), last.pages() + demand.pages()));
        return;
      }
    }
    waiting.addLast(demand);
  }

  /** Whether all of it is on its way already. */
  boolean isSent(Message.Demand demand) {
    for (Outstanding outstanding : sent) {
      if (covers(outstanding.demand, demand)
          && outstanding.demand.firstPage() + outstanding.arrived <= demand.firstPage()) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(Message.Demand outer, Message.Demand inner) {
    return outer.region() == inner.region()
        && outer.firstPage() <= inner.firstPage()
        && outer.firstPage() + outer.pages() >= inner.firstPage() + inner.pages();
  }

  Message.Demand nextWaiting() {
    return waiting.pollFirst();
  }

  /** Pages have come: they must be the next of the oldest demand. */
  void arrived(int region, long firstPage, int pages) throws ProtocolException {
    Outstanding head = sent.peekFirst();
    if (head == null
        || head.demand.region() != region
        || head.demand.firstPage() + head.arrived != firstPage
        || head.arrived + pages > head.demand.pages()) {
      throw new ProtocolException(
          "expected the next pages of "
              + (head == null ? "no demand" : head.demand)
              + ", found "
              + pages
              + " from "
              + firstPage
              + " of region "
              + region);
    }
    head.arrived += pages;
    pagesSent -= pages;
    if (head.arrived == head.demand.pages()) {
      sent.removeFirst();
    }
  }

  /** The connection is gone: what was on its way is to be asked for again, before all else. */
  void lost() {
    List<Outstanding> again = new ArrayList<>(sent);
    sent.clear();
    pagesSent = 0;
    for (Outstanding outstanding : again.reversed()) {
      Message.Demand demand = outstanding.demand;
      waiting.addFirst(
          new Message.Demand(
              demand.region(),
              demand.firstPage() + outstanding.arrived,
              demand.pages() - outstanding.arrived));
    }
  }
}
