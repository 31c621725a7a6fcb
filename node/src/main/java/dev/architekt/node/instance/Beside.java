package dev.architekt.node.instance;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work on a platform thread of its own, beside what its beginner goes on with. The beginner must
 * {@link #await} it: until then nobody knows how it ended.
 */
final class Beside {
  /** Something that may fail. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  private final FutureTask<Void> task;

  private Beside(FutureTask<Void> task) {
    this.task = task;
  }

  static Beside begin(String thread, Work work) {
    FutureTask<Void> task =
        new FutureTask<>(() -> {
          work.run();
          return null;
        });
    Thread.ofPlatform().daemon().name(thread).start(task);
    return new Beside(task);
  }

  /** Waits for its end, and fails as it failed; the same each time. */
  void await() throws IOException {
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for what was begun beside");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new AssertionError("work throws nothing else", e.getCause());
      }
    }
  }
}
