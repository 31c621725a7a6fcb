package dev.architekt.migration.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.region.PageBitmap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageLedgerTest {
  private static final int PAGES = 1_000;
  private final PageLedger ledger =
      new PageLedger(List.of(new RegionInfo("memory", RegionInfo.Kind.MEMORY, PAGES)));

  private static List<PageBitmap> pages(long... pages) {
    PageBitmap map = Bitmaps.clear(PAGES);
    for (long page : pages) {
      map.set(page);
    }
    return List.of(map);
  }

  private List<Long> order(boolean recentFirst) {
    List<Long> order = new ArrayList<>();
    for (PageLedger.Next n; (n = ledger.next(64, recentFirst)) != null; ) {
      for (long page = n.firstPage(); page < n.firstPage() + n.pages(); page++) {
        order.add(page);
      }
    }
    return order;
  }

  @Test
  void pagesDirtiedTwiceInARowGoLastWhileTheGuestRunsHere() {
    ledger.dirtied(pages(5, 900));
    order(false);
    ledger.dirtied(pages(5, 7, 800));
    assertThat(order(false)).containsExactly(7L, 800L, 5L);
  }

  @Test
  void pagesDirtiedLastGoFirstOnceTheGuestIsStopped() {
    ledger.start(pages(1, 2, 500));
    ledger.dirtiedLast(pages(500, 700));
    assertThat(order(true)).containsExactly(500L, 700L, 1L, 2L);
  }

  @Test
  void aRunStaysWithinOneStripeSoThatItHasOneLane() {
    PageBitmap all = Bitmaps.clear(PAGES);
    all.setAll();
    ledger.start(List.of(all));
    for (PageLedger.Next n; (n = ledger.next(100, false)) != null; ) {
      long last = n.firstPage() + n.pages() - 1;
      assertThat(n.firstPage() / Bounds.STRIPE_PAGES).isEqualTo(last / Bounds.STRIPE_PAGES);
    }
    assertThat(ledger.pending()).isZero();
  }

  @Test
  void whatWasOnTheWayIsPendingAgainAndCountedOnce() {
    ledger.start(pages(1, 2, 3));
    ledger.next(64, false);
    ledger.needed(0, 1, 3);
    ledger.needed(0, 2, 1);
    assertThat(ledger.pending()).isEqualTo(3);
    assertThat(ledger.stale())
        .singleElement()
        .satisfies(s -> assertThat(s.cardinality()).isEqualTo(3));
  }

  @Test
  void aMillionPagesAreListedInLinearTime() {
    int million = 1 << 20;
    PageLedger large =
        new PageLedger(List.of(new RegionInfo("memory", RegionInfo.Kind.MEMORY, million)));
    PageBitmap everySecond = Bitmaps.clear(million);
    for (long page = 0; page < million; page += 2) {
      everySecond.set(page);
    }
    large.start(List.of(everySecond));
    long runs = 0;
    while (large.next(256, false) != null) {
      runs++;
    }
    assertThat(runs).isEqualTo(million / 2);
  }
}
