package dev.architekt.node.peer;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.PagePlan;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import java.util.List;

/** Names what local copies lack, in order, each page once. */
final class AbsentPages implements PagePlan {
  private final List<LocalStore> stores;
  private final List<PageBitmap> named;
  private int region;
  private long page;

  AbsentPages(List<LocalStore> stores) {
    this(stores, List.of());
  }

  /**
   * @param named pages of each store that are on their way already; none when it is empty
   */
  AbsentPages(List<LocalStore> stores, List<PageBitmap> named) {
    this.stores = stores;
    this.named = named;
  }

  @Override
  public Message.Demand next(int pagesMax) {
    while (region < stores.size()) {
      long pages = stores.get(region).pages();
      PageBitmap present = stores.get(region).present();
      long first = nextOpen(present, pages);
      if (first >= pages) {
        region++;
        page = 0;
        continue;
      }
      long end = present.nextSet(first, Math.min(pages, first + pagesMax));
      if (!named.isEmpty()) {
        end = named.get(region).nextSet(first, end);
      }
      page = end;
      return new Message.Demand(region, first, (int) (end - first));
    }
    return null;
  }

  /** The next page that is neither here nor named; {@code pages} when there is none. */
  private long nextOpen(PageBitmap present, long pages) {
    long first = present.nextClear(Math.min(page, pages), pages);
    while (!named.isEmpty() && first < pages && named.get(region).get(first)) {
      first = present.nextClear(named.get(region).nextClear(first, pages), pages);
    }
    return first;
  }
}
