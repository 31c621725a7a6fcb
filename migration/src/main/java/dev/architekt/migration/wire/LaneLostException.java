package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;

/** A lane's connection is gone, and with it the link; the message says how. */
public final class LaneLostException extends WireException {
  private static final long serialVersionUID = 1L;

  private final int lane;
  private final boolean onPurpose;

  LaneLostException(int lane, String how, Throwable cause) {
    this(lane, how, cause, false);
  }

  private LaneLostException(int lane, String how, Throwable cause, boolean onPurpose) {
    super(name(lane) + " lane lost: " + how, cause);
    this.lane = lane;
    this.onPurpose = onPurpose;
  }

  /** The other side said goodbye. */
  static LaneLostException goodbye(int lane) {
    return new LaneLostException(lane, "the other side closed the link on purpose", null, true);
  }

  /** Whether {@code cause}, as of {@link LinkHandler#lost}, is that the other side said goodbye. */
  public static boolean onPurpose(WireException cause) {
    return cause instanceof LaneLostException lost && lost.onPurpose;
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
