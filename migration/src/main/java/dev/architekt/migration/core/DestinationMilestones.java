package dev.architekt.migration.core;

import java.util.List;
import java.util.OptionalLong;

/**
 * When what of a migration reached the destination, in nanoseconds of the clock that its core is
 * told. For reports only.
 *
 * @param rounds when the first page of each pre-copy round arrived; its first {@value #ROUNDS_MAX}
 * @param announce when the source asked for the address: the beginning of the last switch-over
 * @param state when the last device state arrived
 */
public record DestinationMilestones(List<Long> rounds, OptionalLong announce, OptionalLong state) {
  /** More than any decision lets happen; a source that counts on makes no list longer. */
  public static final int ROUNDS_MAX = 64;

  public DestinationMilestones {
    rounds = List.copyOf(rounds);
  }
}
