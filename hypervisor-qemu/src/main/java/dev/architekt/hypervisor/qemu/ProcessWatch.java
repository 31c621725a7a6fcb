package dev.architekt.hypervisor.qemu;

import dev.architekt.linux.Errno;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Pidfd;
import dev.architekt.linux.Processes;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sees the end of QEMU's process, child of ours or not, on a platform thread of its own (poll
 * blocks its carrier). The same thread keeps the files bounded that the process writes.
 */
final class ProcessWatch implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ProcessWatch.class.getName());
  private static final long TICK_MILLIS = 2000;

  private final Pidfd process;
  private final List<Path> bounded;
  private final Consumer<String> onExit;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile String how = "ended";

  ProcessWatch(String machine, Pidfd process, List<Path> bounded, Consumer<String> onExit) {
    this.process = process;
    this.bounded = bounded;
    this.onExit = onExit;
    Thread.ofPlatform().daemon().name("exit-" + machine).start(this::run);
  }

  private void run() {
    try {
      while (!process.awaitEnd(TICK_MILLIS)) {
        bounded.forEach(ProcessWatch::bound);
      }
      OptionalInt status = Processes.reap(process.pid());
      how = status.isPresent() ? Processes.describe(status.getAsInt()) : "ended";
    } catch (LinuxException e) {
      how = "cannot be watched: " + e.getMessage();
    } finally {
      ended.countDown();
      process.close();
      if (!closed) {
        onExit.accept(how);
      }
    }
  }

  private static void bound(Path file) {
    try {
      TextTail.bound(file);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "cannot cut {0}: {1}", file, e.getMessage());
    }
  }

  boolean isAlive() {
    return ended.getCount() > 0 && !endedNow();
  }

  private boolean endedNow() {
    try {
      return process.hasEnded();
    } catch (LinuxException e) {
      // EBADF: the watching thread has just seen the end and closed the descriptor.
      return true;
    }
  }

  void kill() throws LinuxException {
    try {
      process.signal(Pidfd.SIGKILL);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ESRCH && e.errno() != Errno.EBADF) {
        throw e;
      }
    }
  }

  boolean awaitExit(Duration limit) throws InterruptedException {
    return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  String how() {
    return how;
  }

  /**
   * Reports nothing from now on. The thread stays: as long as this JVM lives it has to reap its
   * child.
   */
  @Override
  public void close() {
    closed = true;
  }
}
