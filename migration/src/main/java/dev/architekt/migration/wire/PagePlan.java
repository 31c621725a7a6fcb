package dev.architekt.migration.wire;

import dev.architekt.migration.message.Message;

/**
 * What to fetch in the background, step by step: asked each time that the window has room, so that
 * it can leave out what has come meanwhile. Called by one thread at a time; must not block.
 */
@FunctionalInterface
public interface PagePlan {
  /**
   * The next at most {@code pagesMax} pages, none of which it has named before; null at the end.
   */
  Message.Demand next(int pagesMax);
}
