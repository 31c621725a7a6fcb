package dev.architekt.migration.message;

/**
 * What the source did of the pause, in nanoseconds of its own clock. Steps that ran side by side
 * overlap: {@code collect}, {@code save} and {@code drain}; {@code grant} runs while the state is
 * on its way already. 0 for what was not measured, since the source was started again meanwhile.
 *
 * @param stop from the stop command to the machine's answer
 * @param collect the flush of the mount and the dirty maps
 * @param save device state out of the machine
 * @param sent from stop to the state being handed to the link
 * @param grant the durable record of the grant
 */
public record SourcePause(long stop, long collect, long save, long sent, long grant) {
  /** Nothing was measured. */
  public static final SourcePause UNKNOWN = new SourcePause(-1, -1, -1, -1, -1);

  public SourcePause {
    Bounds.inRange("stop", stop, -1, Long.MAX_VALUE);
    Bounds.inRange("collect", collect, -1, Long.MAX_VALUE);
    Bounds.inRange("save", save, -1, Long.MAX_VALUE);
    Bounds.inRange("sent", sent, -1, Long.MAX_VALUE);
    Bounds.inRange("grant", grant, -1, Long.MAX_VALUE);
  }
}
