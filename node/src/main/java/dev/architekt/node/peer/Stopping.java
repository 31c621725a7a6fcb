package dev.architekt.node.peer;

import dev.architekt.node.Output;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Whether this peer is to end, and what a signal means to it:
 *
 * <pre>
 *   a move is going on        Ctrl-C is about the move: it is cancelled, or it is said why not.
 *                             Once; after that it is about the VM
 *   a move to this host       SIGTERM cancels it too: what is not here yet need not be stopped here
 *   anything else             the VM is suspended or stopped, or whatever was being done to get it
 * </pre>
 *
 * <p>Thread-safe.
 */
final class Stopping implements AutoCloseable {
  private static final long GRACE_SECONDS = 30;

  /** A move that can be told to end. */
  interface Move {
    /**
     * A signal came.
     *
     * @return whether it was about this move: there is one, and it had not been told before
     */
    boolean interrupted(Signals.Kind kind);
  }

  private final Output output;
  private final Signals signals;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Signals.Kind last = Signals.Kind.TERM;
  private volatile Move move = kind -> false;
  private final Runnable whenAsked;
  private final BooleanSupplier busy;

  /**
   * Takes this process's signals from now on.
   *
   * @param whenAsked told each time that this peer is asked to end
   * @param busy whether it is ending already, in a way that takes as long as it takes
   */
  Stopping(Output output, Runnable whenAsked, BooleanSupplier busy) {
    this.busy = busy;
    this.output = output;
    this.whenAsked = whenAsked;
    this.signals = Signals.listen(this::signalled);
  }

  /** The move that the next signal may be about. */
  void about(Move newMove) {
    move = newMove;
  }

  /** No move is going on. */
  void aboutNothing() {
    move = kind -> false;
  }

  private void signalled(Signals.Kind kind) {
    last = kind;
    if (!move.interrupted(kind)) {
      ask();
    }
  }

  /** This peer is to end: from now on it is asked for. */
  void ask() {
    asked.countDown();
    whenAsked.run();
    Thread.ofPlatform().daemon().name("peer-signal").start(this::limit);
  }

  /** Whatever hangs must not keep a process that is to end: the next one cleans up. */
  private void limit() {
    try {
      boolean over = ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
      while (!over && busy.getAsBoolean()) {
        over = ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
      }
      if (!over) {
        output.event(
            "slow-end", "not ended within " + GRACE_SECONDS + " s; the next start cleans up");
        Runtime.getRuntime().halt(status());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean asked() {
    return asked.getCount() == 0;
  }

  /** Waits until it is asked for; whether it was in time. */
  boolean await(long millis) throws InterruptedException {
    return asked.await(millis, TimeUnit.MILLISECONDS);
  }

  /** The exit status of a process that a signal has ended. */
  int status() {
    return last.status();
  }

  /** Everything is let go of. */
  @Override
  public void close() {
    ended.countDown();
    signals.close();
  }
}
