package dev.architekt.node.engine;

import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Reason;

/** Which of the protocol's reasons a failed step stands for. */
final class Answers {
  private Answers() {}

  static Reason reasonOf(Step step) {
    return switch (step) {
      case CEDE_ADDRESS, RECLAIM_ADDRESS, DRAIN_TAP, ANNOUNCE_ADDRESS, WITHDRAW_ADDRESS ->
          Reason.NETWORK;
      case JOURNAL, PERSIST, TRACK, COLLECT, KEEP_STATE, SEND, STORE, FORGET, FLUSH_REGIONS ->
          Reason.STORAGE;
      case LOAD -> Reason.LOAD_FAILED;
      case BEFORE_SUSPEND,
          PAUSE,
          SAVE_STATE,
          RELEASE,
          PREPARE,
          RESET_MACHINE,
          DISCARD,
          RESUME,
          AFTER_RESUME,
          STEP_CLOCK ->
          Reason.HYPERVISOR;
    };
  }
}
