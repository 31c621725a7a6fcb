package dev.architekt.migration.core;

import java.util.UUID;

/**
 * What is about to be done to a hypervisor, written before it is done, so that a node that is
 * started again knows what it may undo.
 *
 * @param intent what is about to happen
 * @param session the session it happens for; all zero with {@link Intent#NOTHING}
 * @param attempt the switch-over, 0 outside one
 */
public record JournalEntry(Intent intent, UUID session, int attempt) {
  /** What is about to happen. */
  public enum Intent {
    /** Nothing to undo. */
    NOTHING,
    /** Source: the address is ceded, the guest paused, its state taken; to be undone. */
    SWITCHING,
    /**
     * Source: the machine is gone and has not run since its state was kept; another is to be made
     * from the kept state and the copies.
     */
    RESTORING,
    /** Destination: regions and a machine are made, state may be loaded; to be discarded. */
    RECEIVING
  }

  /** Nothing to undo. */
  public static final JournalEntry NOTHING = new JournalEntry(Intent.NOTHING, new UUID(0, 0), 0);
}
