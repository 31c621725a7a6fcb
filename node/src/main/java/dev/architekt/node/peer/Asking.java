package dev.architekt.node.peer;

import dev.architekt.migration.message.Message;
import dev.architekt.node.Output;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Asks the other side what it has; it may be silent for long, and being stopped ends the wait. */
final class Asking {
  private final Output output;
  private final Duration timeout;
  private final BooleanSupplier stopped;
  private Thread asking;

  /**
   * @param timeout that the client keeps, for the message
   * @param stopped whether this process has been asked to end
   */
  Asking(Output output, Duration timeout, BooleanSupplier stopped) {
    this.output = output;
    this.timeout = timeout;
    this.stopped = stopped;
  }

  Message.Description ask(BlobClient client) throws IOException, InterruptedException {
    synchronized (this) {
      asking = Thread.currentThread();
    }
    try {
      if (stopped.getAsBoolean()) {
        throw new InterruptedException();
      }
      return client.describe(why ->
          output.event(
              "waiting",
              client.origin()
                  + " does not answer yet: "
                  + why
                  + " Trying for "
                  + timeout.toSeconds()
                  + " s (--resume-timeout); Ctrl-C ends it",
              "reason",
              why));
    } catch (InterruptedException e) {
      // The process ends once everything is let go of, before anybody could print the exception.
      output.event("stopped", "stopped before " + client.origin() + " answered");
      throw e;
    } finally {
      synchronized (this) {
        asking = null;
        Thread.interrupted(); // what follows is cleaning up
      }
    }
  }

  /** Ends a wait, from another thread; nothing when nobody waits. */
  synchronized void interrupt() {
    if (asking != null) {
      asking.interrupt();
    }
  }
}
