package dev.architekt.migration.wire;

/** Where in the stream of a lane something was found; turned into words only when it is wrong. */
final class Place {
  private final int lane;
  private final String instead;
  private int sequence;
  private Tag tag;

  Place(int lane) {
    this(lane, null);
  }

  /** A place outside the frames of a lane. */
  Place(String where) {
    this(-1, where);
  }

  private Place(int lane, String instead) {
    this.lane = lane;
    this.instead = instead;
  }

  void at(int newSequence, Tag newTag) {
    sequence = newSequence;
    tag = newTag;
  }

  ProtocolException broken(String what) {
    return broken(what, null);
  }

  ProtocolException broken(String what, Throwable cause) {
    if (instead != null) {
      return new ProtocolException(instead + ": " + what, cause);
    }
    return new ProtocolException(
        LaneLostException.name(lane)
            + " lane, frame "
            + Integer.toUnsignedString(sequence)
            + (tag == null ? "" : " (" + tag + ")")
            + ": "
            + what,
        cause);
  }
}
