package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the process that runs out of a folder. */
final class Orphans {
  /** The process of a record that was stored before its process was started. */
  static final ProcessIdentity NOT_YET = new ProcessIdentity(0, 0, "none");

  private static final Path PROC = Path.of("/proc");

  private Orphans() {}

  static Optional<MachineRecord> find(Path folder) throws IOException {
    Optional<MachineRecord> stored = RunFolder.load(folder);
    if (stored.isEmpty()) {
      return stored;
    }
    MachineRecord record = stored.get();
    if (!record.process().equals(NOT_YET)) {
      return lives(record.process()) ? stored : Optional.empty();
    }
    return search(RunFolder.pidFile(folder))
        .map(process ->
            new MachineRecord(
                record.hypervisor(),
                record.name(),
                record.uuid(),
                process,
                record.directory(),
                record.memoryBytes(),
                record.descriptors()));
  }

  private static boolean lives(ProcessIdentity process) throws IOException {
    Optional<Pidfd> open = process.open();
    open.ifPresent(Pidfd::close);
    return open.isPresent();
  }

  /** The process that was started with this pid file: no other has that argument. */
  private static Optional<ProcessIdentity> search(Path pidFile) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (arguments(process).contains("-pidfile\0" + pidFile + "\0")) {
          ProcessIdentity identity =
              ProcessIdentity.of(Long.parseLong(process.getFileName().toString()));
          if (lives(identity)) {
            return Optional.of(identity);
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String arguments(Path process) {
    try {
      byte[] line = Files.readAllBytes(process.resolve("cmdline"));
      return new String(line, StandardCharsets.UTF_8);
    } catch (IOException e) {
      // It ended while we looked.
      return "";
    }
  }
}
