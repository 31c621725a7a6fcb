package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineException;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.hypervisor.MachineStartException;
import dev.architekt.hypervisor.MachineState;
import dev.architekt.hypervisor.MachineTimeoutException;
import dev.architekt.linux.Pidfd;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** From a process to a machine that answers. */
final class Startup {
  private static final long POLL_MILLIS = 2;
  private static final Duration GREETING = Duration.ofSeconds(5);
  private static final List<String> MONITORS = List.of("qmp0.sock", "qmp1.sock");
  private static final List<String> SOCKETS = List.of("qmp0.sock", "qmp1.sock", "agent.sock");

  private Startup() {}

  /** A process that was just started: waits until it answers and sets it up. */
  static Machine finish(MachineRecord record, RunFolder folder, Pidfd process, boolean incoming)
      throws IOException {
    RunState run = new RunState(record.name());
    ProcessWatch watch = watch(record, folder, process, run);
    QmpClient qmp = null;
    try {
      folder.store(record);
      qmp = connect(record.name(), folder, watch, run, Limits.START);
      folder.closeToOthers(SOCKETS);
      configure(qmp);
      if (incoming) {
        // Now rather than at the switch-over: it listens already when the state comes.
        listen(qmp, record);
      }
      run.set(incoming ? MachineState.INCOMING : MachineState.PAUSED);
      return machine(record, folder, watch, qmp, run);
    } catch (IOException e) {
      MachineStartException failure = explain(record.name(), folder, watch, e);
      if (qmp != null) {
        qmp.close();
      }
      watch.kill();
      throw failure;
    }
  }

  /**
   * A process that another JVM started. It may be silent for a while, waiting for what that JVM
   * served.
   */
  static Machine adopt(MachineRecord record, RunFolder folder, Pidfd process) throws IOException {
    RunState run = new RunState(record.name());
    ProcessWatch watch = watch(record, folder, process, run);
    QmpClient qmp = null;
    try {
      qmp = connect(record.name(), folder, watch, run, Limits.ADOPTION);
      Map<String, Object> status = qmp.execute("query-status", Map.of(), Limits.ADOPTION);
      run.setFromQemu(Json.stringIn(status, "status"));
      // The starter may have died before it came to this.
      if (run.state() != MachineState.INCOMING) {
        configure(qmp);
      } else if (!Files.exists(folder.file(StateChannel.IN))) {
        configure(qmp);
        listen(qmp, record);
      }
      return machine(record, folder, watch, qmp, run);
    } catch (IOException e) {
      watch.close();
      if (qmp != null) {
        qmp.close();
      }
      throw e;
    }
  }

  private static Machine machine(
      MachineRecord record, RunFolder folder, ProcessWatch watch, QmpClient qmp, RunState run) {
    // Connected before the guest runs: a guest that comes with a state finds its channel as it was,
    // and need not
    // notice that the host's end is another one now.
    QemuGuestAgent agent = new QemuGuestAgent(record.name(), folder);
    agent.connect();
    return new QemuMachine(record, folder, watch, qmp, run, agent);
  }

  private static ProcessWatch watch(
      MachineRecord record, RunFolder folder, Pidfd process, RunState run) {
    return new ProcessWatch(
        record.name(), process, List.of(folder.console(), folder.log()), run::exited);
  }

  private static void configure(QmpClient qmp) throws IOException {
    qmp.execute(
        "migrate-set-capabilities",
        Map.of(
            "capabilities",
            List.of(
                Map.of("capability", "x-ignore-shared", "state", true),
                Map.of("capability", "events", "state", true))),
        Limits.COMMAND);
    // A few hundred kilobytes through a UNIX socket, of a machine that stands still: nothing to
    // hold back for. The
    // guest's address is announced by the network, not by QEMU.
    qmp.execute(
        "migrate-set-parameters",
        Map.of("max-bandwidth", 1L << 40, "downtime-limit", 2_000_000, "announce-rounds", 0),
        Limits.COMMAND);
  }

  private static void listen(QmpClient qmp, MachineRecord record) throws IOException {
    int number = record.descriptors().get(DescriptorTable.FOLDER);
    String address = "unix:" + RunFolder.inside(number, StateChannel.IN);
    qmp.execute("migrate-incoming", Map.of("uri", address), Limits.COMMAND);
  }

  private static QmpClient connect(
      String machine, RunFolder folder, ProcessWatch watch, RunState run, Duration patience)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    IOException last = null;
    for (int attempt = 0; System.nanoTime() < deadline; attempt++) {
      if (!watch.isAlive()) {
        throw new MachineException(machine + ": QEMU has ended");
      }
      try {
        // The second one is for when somebody else's client sits on the first.
        String monitor = MONITORS.get(last instanceof MachineTimeoutException ? attempt % 2 : 0);
        return QmpClient.connect(machine, folder.address(monitor), run, GREETING);
      } catch (IOException e) {
        last = e;
        sleep(machine);
      }
    }
    throw new MachineTimeoutException(
        machine
            + ": QEMU did not answer within "
            + patience.toSeconds()
            + " s: "
            + last.getMessage());
  }

  private static void sleep(String machine) throws MachineException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(machine + ": interrupted while it was starting", e);
    }
  }

  private static MachineStartException explain(
      String machine, RunFolder folder, ProcessWatch watch, IOException cause) {
    try {
      // Its end and its last words may be a moment behind the broken connection.
      watch.awaitExit(Duration.ofMillis(500));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String words = TextTail.of(folder.log(), 5);
    String how = watch.isAlive() ? cause.getMessage() : "QEMU ended (" + watch.how() + ")";
    return new MachineStartException(
        machine + " did not start: " + how + (words.isEmpty() ? "" : ". It said:\n" + words),
        cause);
  }
}
