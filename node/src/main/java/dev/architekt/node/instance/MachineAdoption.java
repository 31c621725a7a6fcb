package dev.architekt.node.instance;

import dev.architekt.hypervisor.Hypervisor;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineGoneException;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.linux.Pidfd;
import dev.architekt.mount.FuseConnections;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the monitor of a machine that a predecessor started until it answers. Its main thread may
 * wait for a page of the guest's RAM, which somebody must be free to fetch meanwhile; so a thread
 * of its own asks. Thread-safe.
 */
final class MachineAdoption {
  private static final long KILLED_MILLIS = 3_000;
  private static final long END_MILLIS = 20_000;

  private final MachineRecord record;
  private final CompletableFuture<Machine> answer = new CompletableFuture<>();

  private MachineAdoption(MachineRecord record) {
    this.record = record;
  }

  /** A killed machine that waits for a page which nobody has ends only without its mount. */
  static void endIfKilled(Pidfd process, MachineRecord record, int connection) throws IOException {
    if (!PendingKill.of(process.pid())) {
      return;
    }
    if (!process.awaitEnd(KILLED_MILLIS)) {
      FuseConnections.abort(connection, process.pid());
      process.awaitEnd(END_MILLIS);
    }
    throw new MachineGoneException(
        record.name() + ": its process " + process.pid() + " was killed");
  }

  /**
   * Waits for the end of a machine that has begun to end, and cannot without its mount's server.
   */
  static MachineGoneException endOf(Pidfd process, MachineRecord record) throws IOException {
    if (!process.awaitEnd(KILLED_MILLIS)) {
      FuseConnections.abortAllOf(process.pid());
      process.awaitEnd(END_MILLIS);
    }
    return new MachineGoneException(
        record.name() + ": its process " + process.pid() + " has ended");
  }

  /** Kills it and waits for its end; its mount is aborted when it waits for a page of it. */
  static void kill(Machine machine, int connection) throws IOException, InterruptedException {
    machine.kill();
    if (!machine.waitExit(Duration.ofMillis(KILLED_MILLIS))) {
      FuseConnections.abort(connection, machine.record().process().pid());
    }
    if (!machine.waitExit(Duration.ofMillis(END_MILLIS))) {
      throw new IOException(
          "the hypervisor process " + machine.record().process().pid() + " does not end");
    }
  }

  static MachineAdoption begin(String driver, MachineRecord record) {
    MachineAdoption adoption = new MachineAdoption(record);
    Thread.ofPlatform().daemon().name("adopt-machine").start(() -> adoption.ask(driver));
    return adoption;
  }

  private void ask(String driver) {
    try {
      Machine machine = Hypervisor.named(driver).adopt(record);
      if (!answer.complete(machine)) {
        machine.close();
      }
    } catch (IOException | RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  /** Waits for the answer. */
  Machine join() {
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException cause ? new UncheckedIOException(cause) : e;
    }
  }

  /** The answer, if it comes within the limit; its failure is thrown. */
  Optional<Machine> await(Duration limit) throws IOException, InterruptedException {
    try {
      return Optional.of(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? cause
          : new IOException(record.name() + ": " + e.getCause(), e.getCause());
    }
  }

  /**
   * The machine, if it has answered; otherwise kills its process, whose mount has that connection,
   * and waits for its end.
   */
  Optional<Machine> killUnlessHere(int connection) throws IOException {
    if (!answer.completeExceptionally(new IOException(record.name() + " was killed"))) {
      return answer.isCompletedExceptionally() ? Optional.empty() : Optional.of(answer.join());
    }
    Optional<Pidfd> open = record.process().open();
    if (open.isPresent()) {
      try (Pidfd process = open.get()) {
        process.signal(Pidfd.SIGKILL);
        FuseConnections.abort(connection, process.pid());
        if (!process.awaitEnd(END_MILLIS)) {
          throw new IOException("the hypervisor process " + process.pid() + " does not end");
        }
      }
    }
    return Optional.empty();
  }

  /** Lets go of it: nobody asks for the machine any more. */
  void release() {
    if (!answer.completeExceptionally(new IOException(record.name() + " was let go of"))
        && !answer.isCompletedExceptionally()) {
      answer.join().close();
    }
  }
}
