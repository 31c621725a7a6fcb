package dev.architekt.migration.wire;

import java.time.Duration;

/** Told about links as they come up. */
@FunctionalInterface
public interface LinkAcceptor {
  /**
   * All lanes of a link are connected. Nothing is delivered before this has returned the handler,
   * and the last link of the same session has seen its {@link LinkHandler#lost} before. Messages
   * may be sent from here on.
   */
  LinkHandler up(Link link);

  /** A dial failed, or a listener turned somebody away; {@code next} is when it is tried again. */
  default void failed(WireException cause, Duration next) {}

  /** A dial failed in a way that will not mend by itself: nothing more is tried. */
  default void ended(WireException cause) {}
}
