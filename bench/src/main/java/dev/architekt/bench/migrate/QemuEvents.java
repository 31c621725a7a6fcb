package dev.architekt.bench.migrate;

import dev.architekt.hypervisor.qemu.QmpClient;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * When one QEMU said what in a migration; times of {@link System#nanoTime}. Thread-safe: QEMU's
 * reader completes what the scenario waits for.
 */
final class QemuEvents implements QmpClient.Listener {
  /** What is done at once when the guest has stopped, on the thread that reads the event. */
  interface OnStop {
    void run() throws IOException;
  }

  private volatile CompletableFuture<Long> stopped = new CompletableFuture<>();
  private volatile CompletableFuture<Long> resumed = new CompletableFuture<>();
  private volatile CompletableFuture<Long> secondPass = new CompletableFuture<>();
  private volatile CompletableFuture<Long> completed = new CompletableFuture<>();
  private volatile CompletableFuture<Long> switched = new CompletableFuture<>();
  private volatile OnStop onStop;

  /** A migration begins: what was before it is forgotten, and a stop is its. */
  void arm(OnStop action) {
    stopped = new CompletableFuture<>();
    resumed = new CompletableFuture<>();
    secondPass = new CompletableFuture<>();
    completed = new CompletableFuture<>();
    switched = new CompletableFuture<>();
    onStop = action;
  }

  /** From now on a stop is not the migration's. */
  void disarm() {
    onStop = null;
  }

  @Override
  public void event(String name, Map<String, Object> data) {
    long now = System.nanoTime();
    switch (name) {
      case "STOP" -> stop(now);
      case "RESUME" -> resumed.complete(now);
      case "MIGRATION_PASS" -> {
        if (data.get("pass") instanceof Number pass && pass.intValue() >= 2) {
          secondPass.complete(now);
        }
      }
      case "MIGRATION" -> migration(String.valueOf(data.get("status")), now);
      default -> {
        // Of no meaning here.
      }
    }
  }

  private void stop(long now) {
    OnStop action = onStop;
    if (action == null) {
      return;
    }
    onStop = null;
    stopped.complete(now);
    try {
      action.run();
      switched.complete(System.nanoTime());
    } catch (IOException | RuntimeException e) {
      switched.completeExceptionally(e);
    }
  }

  private void migration(String status, long now) {
    if (status.equals("completed")) {
      completed.complete(now);
    } else if (status.equals("failed") || status.equals("cancelled")) {
      disconnected("the migration " + status);
    }
  }

  @Override
  public void disconnected(String reason) {
    IOException failure = new IOException(reason);
    for (var moment :
        new CompletableFuture<?>[] {stopped, resumed, secondPass, completed, switched}) {
      moment.completeExceptionally(failure);
    }
  }

  long stopped() throws IOException, InterruptedException {
    return await(stopped, "stop");
  }

  long resumed() throws IOException, InterruptedException {
    return await(resumed, "run at the destination");
  }

  long secondPass() throws IOException, InterruptedException {
    return await(secondPass, "begin a second pass");
  }

  long completed() throws IOException, InterruptedException {
    return await(completed, "complete");
  }

  /** The end of what was done on stop. */
  long switched() throws IOException, InterruptedException {
    return await(switched, "have its network switched over");
  }

  private static long await(CompletableFuture<Long> moment, String what)
      throws IOException, InterruptedException {
    try {
      return moment.get(QemuEngine.LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "QEMU's migration did not " + what + " within " + QemuEngine.LIMIT_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(
          "QEMU's migration did not " + what + ": " + e.getCause().getMessage(), e.getCause());
    }
  }
}
