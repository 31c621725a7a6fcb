package dev.architekt.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Something that runs on a thread of its own, and waits for what others do. */
final class Background<T> extends CompletableFuture<T> {
  private static final long LIMIT_SECONDS = 20;

  private final Thread thread;

  private Background(Callable<T> body) {
    thread =
        Thread.ofPlatform()
            .daemon()
            .unstarted(() -> {
              try {
                complete(body.call());
              } catch (Throwable e) {
                completeExceptionally(e);
              }
            });
  }

  static <T> Background<T> run(Callable<T> body) {
    Background<T> background = new Background<>(body);
    background.thread.start();
    return background;
  }

  /** Returns once the thread waits for somebody, which it must. */
  void awaitWaiting() throws InterruptedException {
    await(() -> {
      assertThat(this).isNotDone();
      return thread.getState() == Thread.State.WAITING
          || thread.getState() == Thread.State.TIMED_WAITING;
    });
  }

  /** Returns once {@code condition} is true; fails when that takes too long. */
  static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited %d s", LIMIT_SECONDS).isLessThan(deadline);
      Thread.sleep(1);
    }
  }
}
