package dev.architekt.migration.core;

/**
 * What the shell is asked to do and answers with {@link Event.Done} or {@link Event.Failed} (or
 * with an event of its own that carries a result). Each is asked for once at a time.
 *
 * <p>Steps that change the machine or its reachability are idempotent: a node that was started
 * again cannot know how far the last one came, and takes them again.
 */
public enum Step {
  /** Write the {@link JournalEntry} durably. */
  JOURNAL,
  /** Write the {@link Authority} durably; done by {@link Event.Persisted}. */
  PERSIST,

  // --- source -----------------------------------------------------------------------------------
  /** Clear the dirty maps, then list what was written since the given epochs. */
  TRACK,
  /** Flush the mount and take the dirty maps; done by {@link Event.Dirty}. */
  COLLECT,
  /** Stop answering for the address. */
  CEDE_ADDRESS,
  /** Answer for the address again and tell the neighbours. */
  RECLAIM_ADDRESS,
  /** The guest agent's hooks before a suspension. */
  BEFORE_SUSPEND,
  /** Stop the guest. */
  PAUSE,
  /** Take the device state of the paused guest; done by {@link Event.StateSaved}. */
  SAVE_STATE,
  /** Take the frames that wait in the tap of the paused guest; done by {@link Event.TapDrained}. */
  DRAIN_TAP,
  /** Write the {@link KeptState} to a file that survives this process. */
  KEEP_STATE,
  /** End the paused machine, give its network back; the store may stay as lineage. */
  RELEASE,
  /** Read pages and put them on a lane. Never asked for as a step; it can only fail. */
  SEND,

  // --- destination ------------------------------------------------------------------------------
  /**
   * Judge the description, make regions and a machine that waits; done by {@link Event.Prepared}.
   */
  PREPARE,
  /** Put pages away; done by {@link Event.PagesStored}. */
  STORE,
  /** Make pages absent, durably, in the store and in the mount's page cache. */
  FORGET,
  /** Load the device state; the guest stays paused. Needed pages may have to be fetched. */
  LOAD,
  /** Answer for the address; packets wait in the tap. */
  ANNOUNCE_ADDRESS,
  /** Stop answering for the address. */
  WITHDRAW_ADDRESS,
  /**
   * End the machine that loaded a state that is void, drop the mount's page cache unwritten, and
   * make a new one that waits. A {@link #LOAD} in hand is ended by it, and answered before it.
   */
  RESET_MACHINE,
  /**
   * End the machine that never ran, give everything back that was made for it. A {@link #LOAD} in
   * hand is ended by it, and answered before it.
   */
  DISCARD,

  // --- both -------------------------------------------------------------------------------------
  /** Let the guest run; of a guest that runs it changes nothing. */
  RESUME,
  /** The guest agent's hooks after a suspension. */
  AFTER_RESUME,
  /** Step the guest's clock forward to now. */
  STEP_CLOCK,
  /** Make everything in the regions durable; at the source the {@link KeptState} too. */
  FLUSH_REGIONS
}
