package dev.architekt.node.engine;

import dev.architekt.mount.Collector;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a guest has written since it was last asked for. */
final class DirtyPages {
  private DirtyPages() {}

  /** The kernel's writes arrive first, then each region's are listed, in the order given. */
  static List<PageBitmap> collect(Collector collector, List<LocalStore> stores) throws IOException {
    collector.collect();
    return list(stores);
  }

  /** Each region's, in the order given, as far as they have arrived. */
  static List<PageBitmap> list(List<LocalStore> stores) {
    List<PageBitmap> dirty = new ArrayList<>();
    for (LocalStore store : stores) {
      PageBitmap pages = new PageBitmap(store.pages());
      store.collectDirty(pages);
      dirty.add(pages);
    }
    return dirty;
  }
}
