package dev.architekt.migration.core;

/** Where a {@link DestinationCore} is, as in the state diagram; and what that means to a person. */
enum DestinationPhase {
  CONNECTING,
  PREPARING,
  RECEIVING,
  RESETTING,
  LOADING,
  ACCEPTING,
  RESUMING,
  FETCHING,
  COMPLETING,
  SETTLING,
  HOME,
  STOPPING,
  DECLINING,
  DECLINED,
  WINDING_UP,
  ENDED,
  LOST;

  boolean acceptedOrLater() {
    return switch (this) {
      case ACCEPTING, RESUMING, FETCHING, COMPLETING, SETTLING, HOME, LOST -> true;
      case CONNECTING,
          PREPARING,
          RECEIVING,
          RESETTING,
          LOADING,
          STOPPING,
          DECLINING,
          DECLINED,
          WINDING_UP,
          ENDED ->
          false;
    };
  }

  /** One sentence; {@code why} is the reason of a destination that cannot go on. */
  String text(boolean linked, long epoch, long missingPages, String why) {
    return switch (this) {
      case CONNECTING, PREPARING -> "preparing to take the instance over";
      case RECEIVING, RESETTING -> "receiving pages; the instance runs at the source";
      case LOADING ->
          linked
              ? "loading the device state"
              : "the state is here, the link is lost: only the source knows whether it has granted"
                  + " the instance; it runs on neither side or at the source until the link is back";
      case ACCEPTING, RESUMING -> "accepted epoch " + epoch + "; about to run";
      case FETCHING -> "the instance runs here, " + missingPages + " pages are still at the source";
      case COMPLETING, SETTLING -> "the instance runs here, all of it; telling the source";
      case HOME -> "the instance is here";
      case STOPPING -> "stopping: " + why + "; waiting to hear from the source";
      case DECLINING, DECLINED -> "declined: " + why;
      case WINDING_UP, ENDED -> "ended: " + why;
      case LOST -> "the machine is gone after it had been accepted here";
    };
  }
}
