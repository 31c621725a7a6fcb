package dev.architekt.migration.core;

import java.util.Optional;
import java.util.OptionalLong;

/** When the parts of the pause ended at the destination, by its own clock. */
final class DestinationPauseClock {
  private long stateAt;
  private long fencedAt;
  private long loadedAt;
  private long grantedAt;
  private OptionalLong resumedAt = OptionalLong.empty();
  private Optional<DestinationPause> pause = Optional.empty();

  /** A state has arrived; an earlier one does not count any more. */
  void state(long now) {
    stateAt = now;
    loadedAt = 0;
  }

  void fenced(long now) {
    fencedAt = now;
  }

  /** The state is loaded; only the first time counts. */
  void loaded(long now) {
    if (loadedAt == 0) {
      loadedAt = now;
    }
  }

  void granted(long now) {
    grantedAt = now;
  }

  void resumed(long at) {
    resumedAt = OptionalLong.of(at);
  }

  /** The pause as it came to be, from all that was told before, with the steps' durations. */
  void sum(long at, Steps steps) {
    long accepted = Math.max(loadedAt, grantedAt) + steps.took(Step.PERSIST);
    pause =
        Optional.of(
            new DestinationPause(
                fencedAt - stateAt,
                steps.took(Step.FORGET),
                steps.took(Step.LOAD),
                Math.max(0, grantedAt - loadedAt),
                steps.took(Step.PERSIST),
                at - accepted,
                at - stateAt));
  }

  /** For how long the guest has run, or -1 when another process let it run. */
  long runsFor(long now) {
    return resumedAt.isPresent() ? Math.max(0, now - resumedAt.getAsLong()) : -1;
  }

  Optional<DestinationPause> pause() {
    return pause;
  }
}
