package dev.architekt.node.instance;

import dev.architekt.mount.FuseMount;
import dev.architekt.region.LocalStore;
import java.io.IOException;

/**
 * Brings what a returning machine's local copy holds already into the page cache of its RAM, in the
 * background, while the machine still runs elsewhere. Nothing depends on it but speed.
 */
final class Warming {
  /** How long a switch-over waits for the rest; a large machine goes on with what is warm. */
  private static final long PATIENCE_MILLIS = 300;

  private static final System.Logger LOG = System.getLogger(Warming.class.getName());

  private final Thread thread;

  private Warming(Thread thread) {
    this.thread = thread;
  }

  static Warming start(FuseMount mount, LocalStore memory) {
    Thread thread =
        Thread.ofPlatform().daemon().name("ram-warming").unstarted(() -> warm(mount, memory));
    if (memory.absentCount() < memory.pages()) {
      thread.start();
    }
    return new Warming(thread);
  }

  private static void warm(FuseMount mount, LocalStore memory) {
    try {
      mount.warm(memory.present());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "warming ended early: {0}", e.getMessage());
    }
  }

  void await() throws InterruptedException {
    thread.join(PATIENCE_MILLIS);
  }

  /** Ends it, also in the middle; returns when it no longer reads. */
  void stop() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
