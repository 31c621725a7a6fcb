package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.demo.record.Recording;
import dev.architekt.cli.lab.Line;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Topology;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.node.peer.Abandoned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Every process of a demo, its hosts and its files: started here, written down as they start, and
 * removed here, from whatever thread, once.
 */
final class Cast implements Role.Listener {
  private final Demos demos;
  private final String command;
  private final LiveView view;
  private final Recording recording;
  private final Topology topology;
  private final List<Role> roles = new ArrayList<>();
  private final List<Notice> notices = new ArrayList<>();
  private DemoRecord record;
  private Process byHand;
  private boolean closed;

  Cast(
      Demos demos,
      Path work,
      Optional<Line> line,
      String command,
      LiveView view,
      Recording recording)
      throws IOException {
    this.demos = demos;
    this.command = command;
    this.view = view;
    this.recording = recording;
    this.record = demos.claim(work);
    this.topology = new Topology(record.name(), line, this::show);
  }

  Topology topology() {
    return topology;
  }

  /** Makes the hosts and the folder of files; whoever closes meanwhile waits, and removes them. */
  synchronized void build() throws IOException, InterruptedException {
    requireOpen();
    topology.build();
    Files.createDirectory(record.work());
  }

  synchronized DemoRecord record() {
    return record;
  }

  private void show(List<String> words) {
    view.say(view.terminal().dim("$ " + CommandText.of(words)));
  }

  /** Shows a command and runs it in the foreground, to its end. */
  void run(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(words));
    show(all);
    Process process;
    synchronized (this) {
      requireOpen();
      process = new ProcessBuilder(all).inheritIO().start();
      byHand = process;
      remember(process.pid());
    }
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(
          CommandText.of(all) + " ended with status " + status + "; its reason is above");
    }
  }

  /** Shows a command and starts it in {@code namespace}; as a machine reads it if {@code json}. */
  synchronized Role start(String name, String namespace, boolean json, List<String> words)
      throws IOException {
    requireOpen();
    List<String> all = topology.enter(namespace);
    all.add(command);
    all.addAll(words);
    show(all);
    if (json) {
      all.add("--json");
    }
    Role role = Role.start(name, all, this);
    roles.add(role);
    remember(role.pid());
    return role;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("nothing is started any more: everything is being removed");
    }
  }

  private void remember(long pid) throws IOException {
    record = record.with(ProcessIdentity.of(pid));
    demos.replace(record);
  }

  @Override
  public void event(Role role, JsonNode event) {
    recording.event(role.name(), event);
    if (event.path("event").asText().equals("progress")) {
      view.progress(event);
    } else if (Notice.isOne(event)) {
      note(Notice.of(role.name(), event));
    }
  }

  @Override
  public void error(Role role, String line) {
    note(new Notice(role.name(), "stderr", line));
  }

  private void note(Notice notice) {
    synchronized (notices) {
      notices.add(notice);
    }
    view.say(view.terminal().warning("! " + notice));
  }

  List<Notice> notices() {
    synchronized (notices) {
      return List.copyOf(notices);
    }
  }

  /** Writes down that it stays when this process ends. */
  synchronized void keep() throws IOException {
    record = record.asKept();
    demos.replace(record);
  }

  /**
   * Ends every process by SIGTERM, the newest first: a peer stops its VM. Then removes what is left
   * of VMs, the hosts, the files and the record. Everything is tried; the first failure is thrown.
   */
  synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (byHand != null && byHand.isAlive()) {
      end(byHand);
    }
    roles.reversed().forEach(Role::close);
    IOException failure = null;
    List<Path> directories = Leftovers.stateDirectories(record.work());
    List<Step> steps = new ArrayList<>();
    directories.forEach(directory -> steps.add(() -> Abandoned.remove(directory)));
    steps.add(topology::close);
    steps.add(() -> Leftovers.deleteTree(record.work()));
    steps.add(() -> demos.delete(record));
    for (Step step : steps) {
      try {
        step.run();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(40, java.util.concurrent.TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
