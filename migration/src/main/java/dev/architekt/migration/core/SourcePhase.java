package dev.architekt.migration.core;

/** Where a {@link SourceCore} is, as in the state diagram; and what that means to a person. */
enum SourcePhase {
  RUNNING,
  COPYING,
  SWITCHING,
  ROLLING_BACK,
  GRANTED,
  SERVING,
  REVOKING,
  RELEASING,
  RELEASED,
  RESTORING,
  LOST;

  /** One sentence; the session is null where there is none. */
  String text(SourceSession session, long epoch, boolean durable) {
    String chunks = durable ? "what is missing there is durable here" : "NOT yet durable here";
    return switch (this) {
      case RUNNING -> "the instance runs here";
      case COPYING ->
          session.linked() ? session.roundText() : "the link is lost; the instance runs here";
      case SWITCHING -> "switch-over " + session.attempt + ": " + session.switchReason.text();
      case ROLLING_BACK -> "undoing a switch-over; the instance stays here";
      case GRANTED ->
          "epoch "
              + epoch
              + " is granted and not yet acknowledged: nobody runs the"
              + " instance until the destination answers; "
              + chunks;
      case SERVING -> "the instance runs at the destination; " + chunks;
      case REVOKING -> "the destination declined; taking the instance back";
      case RELEASING, RELEASED -> "the instance is at the destination, all of it";
      case RESTORING -> "the machine is gone; another is to be made from what was kept here";
      case LOST -> "the machine is gone, and this host had the authority";
    };
  }
}
