package dev.architekt.archive;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks on a few threads and hands their results, in the order of submission, to a sink on the
 * submitting thread. At most {@link #depth} tasks are under way, so memory is bounded and whoever
 * submits is slowed down to the sink.
 *
 * <p>Used by one thread; {@link #close} ends all threads of it, also after a failure or an
 * interrupt.
 */
final class Ordered<T> implements AutoCloseable {
  @FunctionalInterface
  interface Sink<T> {
    void accept(T result) throws IOException;
  }

  private final ExecutorService threads;
  private final Deque<Future<T>> underWay = new ArrayDeque<>();
  private final int depth;
  private final Sink<T> sink;

  Ordered(String name, int threadCount, Sink<T> sink) {
    AtomicInteger number = new AtomicInteger();
    // Platform threads: this is computing, not waiting.
    this.threads =
        Executors.newFixedThreadPool(
            threadCount,
            task -> {
              Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
    this.depth = depth(threadCount);
    this.sink = sink;
  }

  /** How many tasks are under way at most. */
  static int depth(int threadCount) {
    return 2 * threadCount + 1;
  }

  void submit(Callable<T> task) throws IOException, InterruptedException {
    room();
    underWay.add(threads.submit(task));
  }

  /** A result that needs no work, in its place in the order. */
  void add(T result) throws IOException, InterruptedException {
    room();
    underWay.add(CompletableFuture.completedFuture(result));
  }

  /** Waits until the sink has everything. */
  void finish() throws IOException, InterruptedException {
    while (!underWay.isEmpty()) {
      next();
    }
  }

  private void room() throws IOException, InterruptedException {
    while (underWay.size() >= depth) {
      next();
    }
  }

  private void next() throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while working on a package");
    }
    T result;
    try {
      result = underWay.remove().get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
    sink.accept(result);
  }

  @Override
  public void close() {
    for (Future<T> task : underWay) {
      task.cancel(false);
    }
    // Waits for the tasks in hand: they use buffers and descriptors that the caller closes next.
    threads.close();
  }
}
