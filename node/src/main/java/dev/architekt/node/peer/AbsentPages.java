package dev.architekt.node.peer;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.PagePlan;
import dev.architekt.region.LocalStore;
import java.util.List;

/** Names what local copies lack, in order, each page once. */
final class AbsentPages implements PagePlan {
  private final List<LocalStore> stores;
  private int region;
  private long page;

  AbsentPages(List<LocalStore> stores) {
    this.stores = stores;
  }

  @Override
  public Message.Demand next(int pagesMax) {
    while (region < stores.size()) {
      LocalStore store = stores.get(region);
      long first = page < store.pages() ? store.present().nextClear(page) : -1;
      if (first < 0 || first >= store.pages()) {
        region++;
        page = 0;
        continue;
      }
      long present = store.present().nextSet(first);
      long end = present < 0 ? store.pages() : Math.min(present, store.pages());
      int count = (int) Math.min(pagesMax, end - first);
      page = first + count;
      return new Message.Demand(region, first, count);
    }
    return null;
  }
}
