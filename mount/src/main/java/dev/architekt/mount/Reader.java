package dev.architekt.mount;

import dev.architekt.linux.Errno;
import dev.architekt.linux.KernelThread;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;

/** One of the threads that read requests and answer them. Allocates nothing once it runs. */
final class Reader implements Runnable {
  private static final long NUDGE_INTERVAL_MILLIS = 2;

  private final Exchange exchange;
  private final RequestHandler handler;
  private final IntConsumer ended;
  private final Thread thread;
  private final CountDownLatch started = new CountDownLatch(1);
  private volatile KernelThread kernelThread;
  private volatile boolean stopping;

  /**
   * @param ended told with the error number when the connection is over; runs on this reader's
   *     thread
   */
  Reader(String name, Exchange exchange, RequestHandler handler, IntConsumer ended) {
    this.exchange = exchange;
    this.handler = handler;
    this.ended = ended;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this);
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    kernelThread = KernelThread.current();
    started.countDown();
    while (!stopping) {
      long received = exchange.receive();
      if (received >= 0) {
        handler.handle(exchange, received);
      } else if (isOver((int) -received)) {
        ended.accept((int) -received);
        return;
      }
    }
  }

  /**
   * Whether a read's error ends the connection. EINTR, EAGAIN and ENOENT (a request taken back) do
   * not.
   */
  private static boolean isOver(int errno) {
    return errno != Errno.EINTR && errno != Errno.EAGAIN && errno != Errno.ENOENT;
  }

  /** Ends the thread after the request that it has in hand; no request is lost. Waits for that. */
  void stop() {
    stopping = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        started.await();
        // May come just before the thread enters the kernel, hence again and again.
        kernelThread.nudge();
        thread.join(NUDGE_INTERVAL_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
