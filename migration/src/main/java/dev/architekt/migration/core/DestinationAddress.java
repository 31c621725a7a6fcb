package dev.architekt.migration.core;

import java.util.OptionalInt;

/** The address of the instance: whether it is wanted here, whether it is, and the way between. */
final class DestinationAddress {
  private final Steps closing;
  private boolean wanted;
  private boolean here;
  private boolean unsure;
  private boolean failed;
  private int attempt;

  DestinationAddress(Steps closing) {
    this.closing = closing;
  }

  void want() {
    wanted = true;
  }

  /** Wanted for a switch-over, whose source waits to hear that it is announced. */
  void want(int ofAttempt) {
    wanted = true;
    attempt = ofAttempt;
  }

  void letGo() {
    wanted = false;
  }

  /** Let go, and nobody waits to hear of it any more. */
  void letGoUnsaid() {
    wanted = false;
    attempt = 0;
  }

  /** Perhaps announced by a process before this one; withdrawing it does no harm. */
  void perhapsHere() {
    here = true;
  }

  boolean wanted() {
    return wanted;
  }

  /** Brings the address to where it is wanted, one step at a time. */
  void bring() {
    if (busy()) {
      return;
    }
    if (closing.done(Step.ANNOUNCE_ADDRESS)) {
      here = true;
      unsure = false;
    } else if (closing.done(Step.WITHDRAW_ADDRESS)) {
      here = false;
      unsure = false;
    }
    closing.again(Step.ANNOUNCE_ADDRESS);
    closing.again(Step.WITHDRAW_ADDRESS);
    if (wanted && (!here || unsure) && !failed) {
      closing.need(Step.ANNOUNCE_ADDRESS);
    } else if (!wanted && (here || unsure) && !failed) {
      closing.need(Step.WITHDRAW_ADDRESS);
    }
  }

  /** The switch-over whose source is to hear now that the address is here; said once. */
  OptionalInt sayAnnounced() {
    if (!wanted || !certain() || attempt <= 0) {
      return OptionalInt.empty();
    }
    int said = attempt;
    attempt = 0;
    return OptionalInt.of(said);
  }

  /** The step failed; it is taken again after {@link #tryAgain}. */
  void failed(Step step) {
    closing.finish(step, false);
    failed = true;
    unsure = true; // it may have been done in part
  }

  void tryAgain() {
    failed = false;
  }

  boolean certain() {
    return here && !unsure && !busy();
  }

  boolean quiet() {
    return !here && !unsure && !busy();
  }

  private boolean busy() {
    return closing.taken(Step.ANNOUNCE_ADDRESS) || closing.taken(Step.WITHDRAW_ADDRESS);
  }
}
