package dev.architekt.migration.core;

import java.util.UUID;

/**
 * The durable record of who may run the instance, one per instance and host. It is written with
 * {@link Effect.Persist} and has taken effect once that is confirmed; a write that failed may or
 * may not have taken effect.
 */
public sealed interface Authority {
  /** The newest epoch that this host knows of. */
  long epoch();

  /** This host has nothing to do with the instance yet. */
  record None() implements Authority {
    @Override
    public long epoch() {
      return -1;
    }
  }

  /** This host runs it, and has all of it. */
  record Running(long epoch) implements Authority {}

  /** This host ran it and has granted it; it never runs it by itself again under an older epoch. */
  record Granted(long epoch, UUID session, UUID to, int attempt) implements Authority {}

  /** This host runs it, and still fetches chunks from the host before it. */
  record Accepted(long epoch, UUID session) implements Authority {}

  /** This host was granted it and will never run it under this epoch. */
  record Declined(long epoch, UUID session) implements Authority {}

  /** This host ran it once; another host has all of it. */
  record Released(long epoch) implements Authority {}
}
