package dev.architekt.it.docs;

import dev.architekt.cli.lab.Shell;
import dev.architekt.cli.lab.Topology;
import dev.architekt.it.vm.LabIdentities;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Somebody who follows a document: types its commands on the hosts that it names, in as many
 * terminals, and compares what is printed. The hosts are network namespaces; they share the folder
 * in which all is done. What the machine's own VMs have below {@code /run} is hidden from them: a
 * document that says {@code architekt stop} must not end somebody else's.
 */
final class Session implements AutoCloseable {
  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(5);
  private static final Duration OUTPUT_LIMIT = Duration.ofMinutes(3);
  private static final Duration END_LIMIT = Duration.ofSeconds(60);
  private static final List<String> HOSTS = List.of("here", "node-1", "node-2", "client");

  private final Document document;
  private final Topology topology;
  private final Process hidden;
  private final Path work;
  private final Map<String, Terminal> terminals = new LinkedHashMap<>();
  private final Map<String, String> addresses = new HashMap<>();

  /** What stays, where its output goes, and how much of that has been compared. */
  private record Terminal(Process process, Path output) {}

  /**
   * @param document to follow
   * @param work the folder in which its commands are typed; removed by who made it
   */
  Session(Document document, Path work) throws IOException, InterruptedException {
    this.document = document;
    this.work = work;
    Path commands = Files.createDirectories(work.resolve(".bin"));
    Path architekt = GuestPrograms.projectRoot().resolve("architekt");
    Files.createSymbolicLink(commands.resolve("architekt"), architekt);
    Files.createSymbolicLink(work.resolve("architekt"), architekt);
    this.topology = Topology.create("it-docs");
    this.hidden = hide();
  }

  /** A process with this machine's mounts, but with no VM and no namespace below {@code /run}. */
  private Process hide() throws IOException {
    String mount =
        "real=$(mktemp -d) && mount --bind /run $real && mount -t tmpfs -o mode=755 none /run"
            + " && for folder in $real/*/; do name=$(basename $folder); case $name in"
            + " architekt | netns) ;; *) mkdir -p /run/$name && mount --bind $folder /run/$name ;;"
            + " esac; done; umount $real; rmdir $real; echo; exec sleep infinity";
    Process process =
        new ProcessBuilder("unshare", "--mount", "--propagation", "private", "bash", "-c", mount)
            .redirectErrorStream(true)
            .start();
    String answer = process.inputReader().readLine();
    if (answer == null || !answer.isEmpty()) {
      process.destroyForcibly();
      topology.close();
      throw new IOException("no mounts of its own for the documents: " + answer);
    }
    return process;
  }

  /** Follows the document from its beginning to its end. */
  void follow(boolean slow) throws IOException, InterruptedException {
    for (Document.Block block : document.blocks()) {
      if (block.slow() && !slow) {
        continue;
      }
      for (Document.Step step : block.steps()) {
        boolean last = step == block.steps().getLast() || onlyKeysFollow(block, step);
        try {
          take(block, step, last);
        } catch (IOException e) {
          throw new IOException(document.file() + ":" + block.line() + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private static boolean onlyKeysFollow(Document.Block block, Document.Step step) {
    int at = block.steps().indexOf(step);
    return block.steps().subList(at + 1, block.steps().size()).stream()
        .allMatch(Document.Step::interrupt);
  }

  private void take(Document.Block block, Document.Step step, boolean last)
      throws IOException, InterruptedException {
    if (step.command().isPresent() && !(last && block.terminal().isPresent())) {
      runToItsEnd(block, step);
      return;
    }
    String name =
        block
            .terminal()
            .orElseThrow(() -> new IOException("output without a command needs `as TERMINAL`"));
    if (step.command().isPresent()) {
      open(name, block.host(), step.command().get());
    }
    Terminal terminal = terminals.get(name);
    if (terminal == null) {
      throw new IOException("nothing runs in terminal " + name);
    }
    if (step.interrupt()) {
      signal("INT", terminal.process());
    }
    awaitShown(name, terminal, step.shown());
    if (step.interrupt()) {
      requireEnd(name, terminal);
    }
  }

  private void runToItsEnd(Document.Block block, Document.Step step)
      throws IOException, InterruptedException {
    Shell.Result result =
        Shell.attempt(COMMAND_LIMIT, command(block.host(), step.command().orElseThrow()));
    boolean mayFail = step.shown().stream().anyMatch(line -> line.startsWith("architekt: "));
    Optional<String> missing = Shape.firstMissing(step.shown(), result.output(), addresses);
    if (missing.isPresent() || (result.status() != 0) != mayFail) {
      throw new IOException(
          "%s: status %d, %s; printed:\n%s"
              .formatted(
                  step.command().get(),
                  result.status(),
                  missing.map(line -> "no such line: " + line).orElse("all lines are there"),
                  result.output()));
    }
  }

  private void open(String name, String host, String command)
      throws IOException, InterruptedException {
    Terminal before = terminals.get(name);
    if (before != null) {
      requireEnd(name, before);
    }
    Path output = Files.createTempFile(work, ".terminal-" + name + "-", "");
    Process process =
        new ProcessBuilder(command(host, "exec " + command))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    terminals.put(name, new Terminal(process, output));
  }

  private void requireEnd(String name, Terminal terminal) throws IOException, InterruptedException {
    if (!terminal.process().waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException(
          "what runs in terminal "
              + name
              + " has not ended: "
              + Files.readString(terminal.output()));
    }
  }

  private void awaitShown(String name, Terminal terminal, List<String> shown)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + OUTPUT_LIMIT.toNanos();
    while (true) {
      boolean alive = terminal.process().isAlive();
      Optional<String> missing =
          Shape.firstMissing(shown, Files.readString(terminal.output()), addresses);
      if (missing.isEmpty()) {
        return;
      }
      if (!alive || System.nanoTime() > end) {
        throw new IOException(
            "terminal %s%s: no such line: %s; printed:\n%s"
                .formatted(
                    name,
                    alive ? "" : " (ended)",
                    missing.get(),
                    Files.readString(terminal.output())));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private List<String> command(String host, String typed) throws IOException {
    if (!HOSTS.contains(host)) {
      throw new IOException("no host " + host + "; there are " + HOSTS);
    }
    String here = typed;
    for (Map.Entry<String, String> address : addresses.entrySet()) {
      here = here.replace(address.getKey(), address.getValue());
    }
    List<String> command =
        switch (host) {
          case "here" -> new ArrayList<>(List.of("nsenter"));
          case "node-1" -> topology.enter(topology.node(1));
          case "node-2" -> topology.enter(topology.node(2));
          default -> topology.enter(topology.client());
        };
    command.add("--mount=/proc/" + hidden.pid() + "/ns/mnt");
    command.addAll(List.of("env", "-C", work.toString(), "--default-signal=INT"));
    command.add("PATH=" + work.resolve(".bin") + ":" + System.getenv("PATH"));
    command.add(
        LabIdentities.environment(
            host.equals("node-2") ? 2 : host.equals("client") ? LabIdentities.CLIENT : 1));
    command.add("ARCHITEKT_COMMAND=" + (typed.startsWith("./") ? "./architekt" : "architekt"));
    command.addAll(List.of("bash", "-c", here));
    return command;
  }

  private static void signal(String name, Process process)
      throws IOException, InterruptedException {
    Shell.attempt(Duration.ofSeconds(5), List.of("kill", "-" + name, Long.toString(process.pid())));
  }

  /** Ctrl-C in every terminal, newest first. */
  void end() throws IOException, InterruptedException {
    for (Terminal terminal : new ArrayList<>(terminals.values()).reversed()) {
      signal("INT", terminal.process());
      if (!terminal.process().waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        terminal.process().destroyForcibly();
      }
    }
  }

  /** Whether a VM of the document's is left. */
  boolean left() throws IOException, InterruptedException {
    return Shell.attempt(
                Duration.ofSeconds(10), command("here", "ls /run/architekt/*/state-directory"))
            .status()
        == 0;
  }

  /** Ends whatever a document leaves running, newest first, and takes its hosts down. */
  @Override
  public void close() throws IOException, InterruptedException {
    try {
      end();
    } finally {
      hidden.destroyForcibly().waitFor();
      topology.close();
    }
  }
}
