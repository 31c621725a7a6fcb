package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;

/** A lane's connection is gone, and with it the link; the message says how. */
public final class LaneLostException extends WireException {
  private static final long serialVersionUID = 1L;

  private final int lane;

  LaneLostException(int lane, String how, Throwable cause) {
    super(name(lane) + " lane lost: " + how, cause);
    this.lane = lane;
  }

  /** The lane that was lost first, as in {@link Lane}. */
  public int lane() {
    return lane;
  }

  static String name(int lane) {
    return switch (lane) {
      case Lane.CONTROL -> "control";
      case Lane.URGENT -> "urgent";
      default -> "bulk " + (lane - Lane.FIRST_BULK);
    };
  }

  @Override
  public boolean mayRetry() {
    return true;
  }
}
