package dev.architekt.node.peer;

/** Whether a state is worth a line: most pass before anybody could read it. For one thread. */
final class Lasting {
  private final long nanos;
  private boolean held;
  private boolean said;
  private long since;

  /**
   * @param nanos how long it must last to be told
   */
  Lasting(long nanos) {
    this.nanos = nanos;
  }

  /** What to tell now. */
  enum Tell {
    NOTHING,
    BEGAN,
    /** Only of a state whose begin was told. */
    ENDED
  }

  /**
   * @param holds whether the state holds
   * @param urgent whether it is to be told however short it has lasted
   * @param now the clock, in nanoseconds
   */
  Tell at(boolean holds, boolean urgent, long now) {
    if (holds && !held) {
      since = now;
    }
    held = holds;
    if (!said && holds && (urgent || now - since >= nanos)) {
      said = true;
      return Tell.BEGAN;
    }
    if (said && !holds) {
      said = false;
      return Tell.ENDED;
    }
    return Tell.NOTHING;
  }
}
