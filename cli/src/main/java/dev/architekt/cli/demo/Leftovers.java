package dev.architekt.cli.demo;

import dev.architekt.cli.lab.Shell;
import dev.architekt.cli.lab.Topology;
import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.node.peer.Abandoned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Removes what a demo's record names, whatever there still is of it; doing it twice is harmless.
 */
final class Leftovers {
  private static final long GRACE_MS = 40_000;

  private final Demos demos;
  private final Consumer<String> said;

  Leftovers(Demos demos, Consumer<String> said) {
    this.demos = demos;
    this.said = said;
  }

  /** Removes every demo whose process is gone though it was not to be kept. */
  void removeAbandoned() throws IOException, InterruptedException {
    for (DemoRecord record : demos.list()) {
      if (Demos.isAbandoned(record)) {
        said.accept(
            "removing what is left of a demo that was killed (its process "
                + record.owner().pid()
                + " is gone)");
        remove(record);
      }
    }
  }

  /** Removes what was kept or abandoned; running demos stay. How many were removed. */
  int removeAllButRunning() throws IOException, InterruptedException {
    int removed = 0;
    for (DemoRecord record : demos.list()) {
      if (!record.kept() && Demos.isAlive(record.owner())) {
        said.accept(
            record.name()
                + " is running (process "
                + record.owner().pid()
                + "): left alone; Ctrl-C or kill "
                + record.owner().pid()
                + " ends it and removes what is its");
        continue;
      }
      said.accept("removing " + record.name() + ": its peers, hosts and files");
      remove(record);
      removed++;
    }
    return removed;
  }

  /** Processes first (peers stop their VMs), then what they could not, then hosts and files. */
  void remove(DemoRecord record) throws IOException, InterruptedException {
    if (!demos.beginRemoval(record)) {
      return;
    }
    List<ProcessIdentity> processes = new ArrayList<>(record.members());
    for (Path directory : stateDirectories(record.work())) {
      Abandoned.owner(directory).ifPresent(processes::add);
    }
    for (ProcessIdentity process : processes.reversed()) {
      end(process);
    }
    for (Path directory : stateDirectories(record.work())) {
      Abandoned.remove(directory);
    }
    for (String namespace : Topology.namespaces(record.name())) {
      if (Files.exists(Path.of("/run/netns", namespace))) {
        Shell.run("ip", "netns", "delete", namespace);
      }
    }
    deleteTree(record.work());
    demos.endRemoval(record);
  }

  private static void end(ProcessIdentity process) throws IOException {
    Optional<Pidfd> open = process.open();
    if (open.isEmpty()) {
      return;
    }
    try (Pidfd pidfd = open.get()) {
      pidfd.signal(Pidfd.SIGTERM);
      if (!pidfd.awaitEnd(GRACE_MS)) {
        pidfd.signal(Pidfd.SIGKILL);
        pidfd.awaitEnd(GRACE_MS);
      }
    }
  }

  static List<Path> stateDirectories(Path work) throws IOException {
    if (!Files.isDirectory(work)) {
      return List.of();
    }
    try (var folders = Files.list(work)) {
      return folders.filter(Files::isDirectory).toList();
    }
  }

  static void deleteTree(Path top) throws IOException {
    if (!Files.exists(top)) {
      return;
    }
    try (var files = Files.walk(top)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
