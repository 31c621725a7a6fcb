package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.MachineEvent;
import dev.architekt.hypervisor.MachineState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * What a machine is doing, kept up to date by QMP's events, which arrive before the answer to the
 * command that caused them. Thread-safe.
 */
final class RunState implements QmpClient.Listener {
  private static final Logger LOG = System.getLogger(RunState.class.getName());

  private final String machine;
  private final List<Consumer<MachineEvent>> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private volatile CompletableFuture<String> migration = new CompletableFuture<>();
  private volatile boolean closed;
  private MachineState state = MachineState.PAUSED;

  RunState(String machine) {
    this.machine = machine;
  }

  synchronized MachineState state() {
    return state;
  }

  /** DEAD is final. */
  synchronized void set(MachineState next) {
    if (state != MachineState.DEAD) {
      state = next;
    }
  }

  /** As QEMU's query-status names it. */
  void setFromQemu(String runState) {
    set(
        switch (runState) {
          case "running" -> MachineState.RUNNING;
          case "inmigrate" -> MachineState.INCOMING;
          case "io-error" -> MachineState.IO_ERROR;
          case "shutdown", "guest-panicked", "internal-error", "watchdog" -> MachineState.STOPPED;
          default -> MachineState.PAUSED;
        });
  }

  void listen(Consumer<MachineEvent> listener) {
    listeners.add(listener);
  }

  /** The outcome of the state transfer that starts next: {@code completed}, {@code failed}, … */
  CompletableFuture<String> expectMigration() {
    CompletableFuture<String> next = new CompletableFuture<>();
    migration = next;
    over.thenRun(() -> next.complete("ended"));
    return next;
  }

  @Override
  public void event(String name, Map<String, Object> data) {
    switch (name) {
      case "STOP" -> stopped();
      case "RESUME" -> set(MachineState.RUNNING);
      case "BLOCK_IO_ERROR" -> diskError(data);
      case "SHUTDOWN" -> {
        set(MachineState.STOPPED);
        tell(new MachineEvent.Shutdown(Json.stringIn(data, "reason")));
      }
      case "GUEST_PANICKED" -> {
        set(MachineState.STOPPED);
        tell(new MachineEvent.Panic());
      }
      case "RESET" -> tell(new MachineEvent.Reset());
      case "MIGRATION" -> {
        String status = Json.stringIn(data, "status");
        if (status.equals("completed") || status.equals("failed") || status.equals("cancelled")) {
          migration.complete(status);
        }
      }
      default -> {
        // Of no meaning here.
      }
    }
  }

  private synchronized void stopped() {
    // An I/O error or a shutdown stops the machine too, and said so just before.
    if (state == MachineState.RUNNING) {
      state = MachineState.PAUSED;
    }
  }

  private void diskError(Map<String, Object> data) {
    if (Json.stringIn(data, "action").equals("stop")) {
      set(MachineState.IO_ERROR);
      tell(
          new MachineEvent.DiskError(
              Json.stringIn(data, "node-name"),
              Json.stringIn(data, "operation"),
              Json.stringIn(data, "reason")));
    }
  }

  @Override
  public void disconnected(String reason) {
    over.complete(null);
    tell(new MachineEvent.Unmanaged(reason));
  }

  void exited(String how) {
    set(MachineState.DEAD);
    over.complete(null);
    tell(new MachineEvent.Exit(how));
  }

  /** Tells nobody anything from now on. */
  void close() {
    listeners.clear();
    closed = true;
  }

  private void tell(MachineEvent event) {
    if (closed) {
      return;
    }
    for (Consumer<MachineEvent> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        // One listener's bug must not cut the others, or the connection, off.
        LOG.log(Level.ERROR, "a listener of " + machine + " failed at " + event, e);
      }
    }
  }
}
