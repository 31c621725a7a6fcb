package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.GuestAgent;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineEvent;
import dev.architekt.hypervisor.MachineException;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.hypervisor.MachineState;
import dev.architekt.hypervisor.StateLoadException;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Nice;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A QEMU process. Device state travels as a QEMU migration that leaves the shared RAM out
 * (x-ignore-shared).
 */
final class QemuMachine implements Machine {
  /** So many that the code between a command and its answer gets compiled. */
  private static final int REHEARSED_COMMANDS = 100;

  private static final int PAUSED_NICE = -10;
  private static final System.Logger LOG = System.getLogger(QemuMachine.class.getName());

  private final MachineRecord record;
  private final RunFolder folder;
  private final ProcessWatch process;
  private final QmpClient qmp;
  private final RunState run;
  private final QemuGuestAgent agent;
  // Held for a whole change of state, so that a resume cannot come between a save's steps.
  private final ReentrantLock change = new ReentrantLock();
  private StateChannel.Outgoing prepared; // under change

  QemuMachine(
      MachineRecord record,
      RunFolder folder,
      ProcessWatch process,
      QmpClient qmp,
      RunState run,
      QemuGuestAgent agent) {
    this.record = record;
    this.folder = folder;
    this.process = process;
    this.qmp = qmp;
    this.run = run;
    this.agent = agent;
    agent.gate(run.state() == MachineState.RUNNING);
  }

  @Override
  public MachineState state() {
    return process.isAlive() ? run.state() : MachineState.DEAD;
  }

  @Override
  public void pause() throws IOException {
    change.lock();
    try {
      require(
          "pause",
          MachineState.RUNNING,
          MachineState.PAUSED,
          MachineState.IO_ERROR,
          MachineState.STOPPED);
      if (run.state() == MachineState.PAUSED) {
        return;
      }
      agent.gate(false);
      hurry(true);
      try {
        qmp.execute("stop", Map.of(), Limits.RUN_CHANGE);
      } finally {
        agent.gate(run.state() == MachineState.RUNNING);
      }
      if (run.state() == MachineState.IO_ERROR) {
        run.set(MachineState.PAUSED);
      }
    } finally {
      change.unlock();
    }
  }

  @Override
  public void resume() throws IOException {
    change.lock();
    try {
      require("resume", MachineState.PAUSED, MachineState.RUNNING, MachineState.IO_ERROR);
      if (run.state() == MachineState.RUNNING) {
        return;
      }
      qmp.execute("cont", Map.of(), Limits.RUN_CHANGE);
      hurry(false);
      agent.gate(true);
    } finally {
      change.unlock();
    }
  }

  @Override
  public void rehearse() throws IOException {
    for (int i = 0; i < REHEARSED_COMMANDS; i++) {
      qmp.execute("query-status", Map.of(), Limits.COMMAND);
    }
    StateChannel.rehearse(name(), folder);
  }

  @Override
  public void prepareSave() throws IOException {
    change.lock();
    try {
      if (prepared == null) {
        prepared = new StateChannel.Outgoing(name(), folder, StateChannel.OUT);
      }
    } finally {
      change.unlock();
    }
  }

  private StateChannel.Outgoing outgoing() throws IOException {
    StateChannel.Outgoing ready = prepared;
    prepared = null;
    return ready == null ? new StateChannel.Outgoing(name(), folder, StateChannel.OUT) : ready;
  }

  @Override
  public void saveState(WritableByteChannel target) throws IOException {
    change.lock();
    try {
      require("save the state", MachineState.PAUSED);
      CompletableFuture<String> outcome = run.expectMigration();
      try (StateChannel.Outgoing state = outgoing()) {
        int number = record.descriptors().get(DescriptorTable.FOLDER);
        String address = "unix:" + RunFolder.inside(number, StateChannel.OUT);
        qmp.execute("migrate", Map.of("uri", address), Limits.COMMAND);
        copyOut(state, target, outcome);
      }
      String status = await(outcome, Limits.STATE_OUTCOME);
      if (!status.equals("completed")) {
        throw new MachineException(name() + ": the state could not be saved: " + reason(status));
      }
    } finally {
      change.unlock();
    }
  }

  private void copyOut(
      StateChannel.Outgoing state, WritableByteChannel target, CompletableFuture<String> outcome)
      throws IOException {
    try {
      state.copyTo(target, Limits.STATE_SILENCE);
    } catch (IOException e) {
      // Leaves no transfer behind that a later one would run into.
      try {
        qmp.execute("migrate_cancel", Map.of(), Limits.COMMAND);
        await(outcome, Limits.COMMAND);
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  @Override
  public void loadState(ReadableByteChannel source) throws IOException {
    change.lock();
    try {
      require("load a state", MachineState.INCOMING);
      hurry(true);
      CompletableFuture<String> outcome = run.expectMigration();
      try {
        StateChannel.copyFrom(source, folder.address(StateChannel.IN));
      } catch (StateChannel.SourceException e) {
        throw new StateLoadException(name() + ": " + e.getMessage(), e);
      } catch (IOException e) {
        // QEMU stopped reading because it did not like what it read: the outcome says so, and why.
        if (await(outcome, Limits.COMMAND).equals("completed")) {
          throw new StateLoadException(name() + ": more bytes came than the state has", e);
        }
      }
      String status = await(outcome, Limits.STATE_OUTCOME);
      if (!status.equals("completed")) {
        // QEMU ends after a failed load; its last words are the reason.
        process.awaitExit(Limits.COMMAND);
        throw new StateLoadException(
            name() + ": the state could not be loaded: " + TextTail.of(folder.log(), 3));
      }
      run.set(MachineState.PAUSED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(name() + ": interrupted while loading the state", e);
    } finally {
      change.unlock();
    }
  }

  /**
   * While the guest stands still the process has nothing to do but what ends that: its first
   * thread, which stops, saves and loads, goes before what else runs here. vCPUs have threads of
   * their own, which keep their share.
   */
  private void hurry(boolean now) {
    try {
      Nice.set(record.process().pid(), now ? PAUSED_NICE : 0);
    } catch (LinuxException e) {
      // It has ended, or this process may not: only speed depends on it.
      LOG.log(System.Logger.Level.DEBUG, "no priority: {0}", e.getMessage());
    }
  }

  private String reason(String status) {
    if (!process.isAlive()) {
      return "QEMU " + process.how() + ": " + TextTail.of(folder.log(), 3);
    }
    try {
      Map<String, Object> info = qmp.execute("query-migrate", Map.of(), Limits.COMMAND);
      return status + " " + Json.stringIn(info, "error-desc");
    } catch (IOException e) {
      return status + " (" + e.getMessage() + ")";
    }
  }

  private String await(CompletableFuture<String> outcome, Duration limit) throws IOException {
    try {
      return outcome.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return "no outcome within " + limit.toMillis() + " ms";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(name() + ": interrupted while its state was under way", e);
    } catch (ExecutionException e) {
      throw new AssertionError("the outcome never fails", e);
    }
  }

  private void require(String what, MachineState... allowed) throws MachineException {
    MachineState state = state();
    for (MachineState one : allowed) {
      if (state == one) {
        return;
      }
    }
    String because = state == MachineState.DEAD ? ": QEMU " + process.how() : "";
    throw new MachineException(name() + ": cannot " + what + " while it is " + state + because);
  }

  private String name() {
    return record.name();
  }

  @Override
  public GuestAgent agent() {
    return agent;
  }

  @Override
  public Path console() {
    return folder.console();
  }

  @Override
  public String consoleTail(int lines) {
    return TextTail.of(folder.console(), lines);
  }

  @Override
  public MachineRecord record() {
    return record;
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void kill() throws IOException {
    process.kill();
  }

  @Override
  public boolean waitExit(Duration limit) throws InterruptedException {
    return process.awaitExit(limit);
  }

  @Override
  public void onEvent(Consumer<MachineEvent> listener) {
    run.listen(listener);
  }

  @Override
  public void close() {
    closePrepared();
    run.close();
    process.close();
    agent.close();
    qmp.close();
    folder.close();
  }

  private void closePrepared() {
    change.lock();
    try {
      if (prepared != null) {
        prepared.close();
        prepared = null;
      }
    } catch (IOException e) {
      // Its file goes with the folder.
    } finally {
      change.unlock();
    }
  }

  @Override
  public String toString() {
    return name() + " (QEMU, pid " + record.process().pid() + ", " + state() + ")";
  }
}
