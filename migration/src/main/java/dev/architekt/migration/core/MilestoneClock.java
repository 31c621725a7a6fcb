package dev.architekt.migration.core;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Notes {@link DestinationMilestones} as they are reached. */
final class MilestoneClock {
  private final List<Long> rounds = new ArrayList<>();
  private int lastRound = -1;
  private OptionalLong announce = OptionalLong.empty();
  private OptionalLong state = OptionalLong.empty();

  /** A page of {@code round} has arrived; one that the lanes have overtaken begins nothing. */
  void page(int round, long now) {
    if (round > lastRound) {
      lastRound = round;
      if (rounds.size() < DestinationMilestones.ROUNDS_MAX) {
        rounds.add(now);
      }
    }
  }

  /** Another attempt counts, the one before it was undone. */
  void announce(long now) {
    announce = OptionalLong.of(now);
  }

  void state(long now) {
    state = OptionalLong.of(now);
  }

  DestinationMilestones milestones() {
    return new DestinationMilestones(rounds, announce, state);
  }
}
