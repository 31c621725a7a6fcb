package dev.architekt.migration.core.rules;

/**
 * The rules that keep an instance whole, one name each. They are always on; the simulation switches
 * them off one at a time to prove that it would notice.
 */
public enum SafetyRule {
  /** A decision counts only for the epoch it was made for. */
  EPOCH_CHECK,
  /** The grant is durable before the destination hears of it. */
  GRANT_DURABLE_BEFORE_SEND,
  /** The device state is on file before the grant is, so that it can be delivered again. */
  STATE_KEPT_BEFORE_GRANT,
  /** Once granted, only a received decline lets the source run again; no time-out does. */
  DECLINE_ONLY_RECEIVED,
  /** The acceptance is durable before the guest runs. */
  ACCEPT_BEFORE_CONT,
  /** A decline is durable before the source hears of it. */
  DECLINE_DURABLE_BEFORE_SEND,
  /** The source keeps its copy until the destination says that every chunk is home and durable. */
  KEEP_UNTIL_DURABLE,
  /** The destination makes the chunks durable before it says so. */
  FLUSH_BEFORE_COMPLETE,
  /** The source calls the rest durable only after flushing it. */
  FLUSH_AFTER_GRANT,
  /** A page dirtied while it travelled goes again. */
  RESEND_DIRTIED_DURING_TRANSFER,
  /** What was on the way when the link was lost goes again. */
  RESEND_UNCONFIRMED,
  /** All versions of a page use one lane. */
  LANE_ORDER,
  /** Memory is flushed after the pause, before the state is sent. */
  FLUSH_BEFORE_STATE,
  /** State is loaded after everything sent before it was put away. */
  FENCE_BEFORE_LOAD,
  /** What the source calls stale is made absent before the state is loaded. */
  FORGET_STALE_BEFORE_LOAD,
  /** Pages go into the page cache only before the guest runs. */
  NO_STORE_AFTER_CONT,
  /** After the state is loaded a page that is present is not overwritten. */
  NO_OVERWRITE_PRESENT_AFTER_CONT,
  /** A machine that loaded the state of a switch-over that was undone is not used again. */
  RESET_AFTER_ROLLBACK
}
