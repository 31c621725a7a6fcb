package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.Descriptors;
import dev.architekt.hypervisor.Hypervisor;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineException;
import dev.architekt.hypervisor.MachineGoneException;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.hypervisor.MachineSpec;
import dev.architekt.hypervisor.MachineStartException;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Nice;
import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Starts QEMU processes and finds them again. */
public final class QemuHypervisor implements Hypervisor {
  @Override
  public String name() {
    return "qemu";
  }

  @Override
  public void acquaint(Path binary) {
    Thread.ofPlatform()
        .daemon()
        .name("qemu-version")
        .start(() -> {
          try {
            QemuVersion.of(binary);
          } catch (IOException e) {
            // The start meets the same, and reports it.
          }
        });
  }

  @Override
  public Machine boot(MachineSpec spec, Descriptors descriptors) throws IOException {
    return start(spec, descriptors, false);
  }

  @Override
  public Machine prepareIncoming(MachineSpec spec, Descriptors descriptors) throws IOException {
    return start(spec, descriptors, true);
  }

  private Machine start(MachineSpec spec, Descriptors descriptors, boolean incoming)
      throws IOException {
    check(spec);
    QemuVersion version = QemuVersion.of(spec.binary());
    RunFolder folder = RunFolder.create(spec.directory(), spec.user());
    try (DescriptorTable table = DescriptorTable.of(spec, descriptors, folder)) {
      // First without a pid: if this JVM dies between the spawn and the second store, find() knows
      // what to look for.
      folder.store(record(spec, table, Orphans.NOT_YET));
      long pid = spawn(spec, CommandLine.of(spec, table, version, incoming), folder, table);
      // A child that has ended stays in the process list until it is reaped, so both calls find it.
      Pidfd process = Pidfd.open(pid);
      MachineRecord record = record(spec, table, ProcessIdentity.of(pid));
      return Startup.finish(record, folder, process, incoming);
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  private static long spawn(
      MachineSpec spec, List<String> command, RunFolder folder, DescriptorTable table)
      throws MachineStartException {
    try {
      long pid = Processes.spawnSession(command, System.getenv(), folder.log(), table.inherited());
      // The serving process may have asked for more than a guest should have.
      Nice.set(pid, 0);
      return pid;
    } catch (LinuxException e) {
      throw new MachineStartException(
          spec.name()
              + ": cannot start "
              + spec.binary()
              + ": "
              + e.getMessage()
              + "; install qemu-system-x86 or name another program",
          e);
    }
  }

  private void check(MachineSpec spec) throws IOException {
    for (Path file : List.of(spec.binary(), spec.boot().kernel(), spec.boot().initramfs())) {
      if (!Files.isReadable(file)) {
        throw new MachineStartException(spec.name() + ": there is no readable file " + file);
      }
    }
    Optional<MachineRecord> running = find(spec.directory());
    if (running.isPresent()) {
      throw new MachineStartException(
          spec.name()
              + ": process "
              + running.get().process().pid()
              + " already runs out of "
              + spec.directory()
              + "; adopt or kill it first");
    }
  }

  private MachineRecord record(MachineSpec spec, DescriptorTable table, ProcessIdentity process) {
    return new MachineRecord(
        name(),
        spec.name(),
        spec.uuid(),
        process,
        spec.directory(),
        spec.memoryBytes(),
        table.numbers());
  }

  @Override
  public Machine adopt(MachineRecord record) throws IOException {
    if (!record.hypervisor().equals(name())) {
      throw new MachineException(
          record.name() + " belongs to the driver " + record.hypervisor() + ", not to " + name());
    }
    Pidfd process =
        record
            .process()
            .open()
            .orElseThrow(() ->
                new MachineGoneException(
                    record.name()
                        + ": its process "
                        + record.process().pid()
                        + " does not live any more. Its last words: "
                        + TextTail.of(record.directory().resolve(RunFolder.LOG), 3)));
    RunFolder folder = RunFolder.open(record.directory());
    try {
      return Startup.adopt(record, folder, process);
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  @Override
  public Optional<MachineRecord> find(Path directory) throws IOException {
    return Orphans.find(directory.toAbsolutePath());
  }
}
