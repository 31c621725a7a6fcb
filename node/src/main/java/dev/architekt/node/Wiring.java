package dev.architekt.node;

import dev.architekt.node.identity.Identity;

/** How this node's connections are made. */
public final class Wiring {
  /** Bulk connections of a session: two cores compress and two more wait for the network. */
  public static final int BULK_LANES = 2;

  /** Page bytes on the way. */
  public static final long WINDOW_BYTES = 16 << 20;

  private Wiring() {}

  /** What a node calls itself: {@code name}, or the host's when there is none. */
  public static String name(String name) {
    return name.isEmpty() ? Identity.hostName() : name;
  }
}
