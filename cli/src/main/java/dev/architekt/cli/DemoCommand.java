package dev.architekt.cli;

import dev.architekt.cli.demo.Demo;
import dev.architekt.cli.demo.DemoOptions;
import dev.architekt.cli.demo.DemoPage;
import dev.architekt.cli.demo.Figures;
import dev.architekt.cli.lab.Line;
import dev.architekt.cli.lab.link.LinkShape;
import dev.architekt.cli.text.Terminal;
import dev.architekt.node.CommandName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code architekt demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Moves a Redis VM between two hosts (network namespaces of this machine) while clients use it,"
          + " and prints each command that would do it by hand.",
      ""
    },
    footer = {
      "",
      "Exit status 0 only if, judged from outside: the clients' sockets are the same at the end and the kernel counted"
          + " no reset, every acknowledged write is there when redis-cli reads it back, the guest has not rebooted, its"
          + " clock never went back and is within 50 ms of this host's in the end, and nothing of the demo is left on this machine (with --keep the last is not"
          + " checked).",
      "The VM's package is built once, in out/demo below the current directory.",
      "",
      "Examples:",
      "  architekt demo",
      "  architekt demo --hops 20 --load L2 --json demo.json",
      "  architekt demo --record demo.html   afterwards, open demo.html in a browser",
      "  architekt demo --hops 4 --link 100ms,100mbit,0.5%%",
      "  architekt demo --hops 1 --keep      look around, then:  architekt demo --remove"
    })
final class DemoCommand implements Callable<Integer> {
  private static final int HOPS_MAX = 10_000;
  private static final int MEMORY_MIN = 128;
  private static final int MEMORY_MAX = 65_536;
  private static final int INTERRUPTED = 130;

  /** What its hosts, its guest and its last question need, and where Debian has it. */
  private static final String[] PROGRAMS = {
    "qemu-system-x86_64", "qemu-system-x86",
    "ip", "iproute2",
    "ss", "iproute2",
    "nft", "nftables",
    "nsenter", "util-linux",
    "redis-cli", "redis-tools",
    "mmdebstrap", "mmdebstrap",
    "mke2fs", "e2fsprogs",
    "busybox", "busybox-static"
  };

  @Option(
      names = "--hops",
      paramLabel = "N",
      defaultValue = "3",
      description = "Moves (default: ${DEFAULT-VALUE}).")
  int hops;

  @Option(
      names = "--load",
      paramLabel = "L1|L2",
      defaultValue = "L1",
      description =
          "L1: 1,000 SET/s of 100 bytes; L2: ten connections as fast as they get answers"
              + " (default: ${DEFAULT-VALUE}).")
  String load;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      defaultValue = "256",
      description = "The VM's RAM (default: ${DEFAULT-VALUE}).")
  int memory;

  @Option(
      names = "--link",
      paramLabel = "RTT,RATE[,LOSS]",
      description =
          "Put node-2 behind a long line, such as 100ms,100mbit or 100ms,100mbit,0.5%%; the client is beside node-1.")
  Optional<String> link = Optional.empty();

  @Option(
      names = "--congestion-control",
      paramLabel = "NAME",
      description =
          "TCP's algorithm on all hosts, such as cubic (with --link; default: the kernel's).")
  Optional<String> congestion = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
  Optional<Path> json = Optional.empty();

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description =
          "Write the run to FILE as a page with each hop's timeline; it needs no network.")
  Optional<Path> record = Optional.empty();

  @Option(
      names = "--keep",
      description = "Leave the hosts and the VM up, and say how to reach and remove them.")
  boolean keep;

  @Option(
      names = "--remove",
      description = "Remove what --keep or a killed demo has left, and do nothing else.")
  boolean remove;

  @Spec CommandSpec spec;

  private volatile boolean interrupted;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    check.between("--hops", hops, 1, HOPS_MAX);
    check.oneOf("--load", load, "L1", "L2");
    if (congestion.isPresent()) {
      check.congestionControl("--congestion-control", congestion.get(), link.isPresent());
    }
    check.between("--memory", memory, MEMORY_MIN, MEMORY_MAX);
    if (json.isPresent()) {
      check.writable("--json", json.get());
    }
    if (record.isPresent()) {
      check.writable("--record", record.get());
    }
    Optional<Line> line = line();
    check.root("network namespaces, mounts and VMs");
    if (remove) {
      int removed = Demo.remove(System.out);
      System.out.println(removed == 0 ? "there was nothing to remove" : "removed");
      return 0;
    }
    check.host("network namespaces, mounts and VMs");
    check.programs(PROGRAMS);
    return play(line);
  }

  private Optional<Line> line() {
    try {
      return link.map(LinkShape::parse).map(shape -> new Line(shape, congestion));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--link " + link.orElseThrow() + ": " + e.getMessage());
    }
  }

  private int play(Optional<Line> line) throws Exception {
    DemoOptions options =
        new DemoOptions(
            hops,
            load,
            memory,
            Path.of("out", "demo"),
            line,
            record.isPresent(),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2));
    Demo demo = new Demo(options, CommandName.typed(), System.out, Terminal.standardOutput());
    Thread hook = Thread.ofPlatform().name("demo-signal").unstarted(() -> interrupt(demo));
    Runtime.getRuntime().addShutdownHook(hook);
    Exception failure = null;
    try {
      demo.run();
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure = e;
    }
    if (failure != null) {
      Thread.sleep(200); // a signal that ended a role is on its way here too
    }
    if (interrupted) {
      return INTERRUPTED; // the hook says the rest
    }
    List<String> broken = new ArrayList<>();
    if (failure == null) {
      broken.addAll(demo.broken());
    }
    if (keep && failure == null) {
      demo.say("");
      demo.keep().forEach(demo::say);
    } else {
      closeAndLook(demo, broken, failure);
    }
    if (json.isPresent()) {
      Figures.write(json.get(), demo, broken, failure, keep);
    }
    if (record.isPresent()) {
      DemoPage.write(record.get(), demo, words(), broken, failure);
      demo.say("recorded: " + record.get());
    }
    if (interrupted) {
      return INTERRUPTED;
    }
    Runtime.getRuntime().removeShutdownHook(hook);
    if (failure != null) {
      throw failure;
    }
    return verdict(demo, broken);
  }

  private List<String> words() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  private static void closeAndLook(Demo demo, List<String> broken, Exception failure)
      throws IOException, InterruptedException {
    try {
      demo.close();
      demo.left().forEach(what -> broken.add("left on this machine: " + what));
    } catch (IOException e) {
      if (failure == null) {
        throw e;
      }
      broken.add("left on this machine, perhaps: " + e.getMessage());
    }
    if (failure != null) {
      broken.forEach(what -> failure.addSuppressed(new IOException(what)));
    }
  }

  private int verdict(Demo demo, List<String> broken) {
    Terminal terminal = Terminal.standardOutput();
    demo.say("");
    if (broken.isEmpty()) {
      demo.say(
          terminal.good("PASSED")
              + ": same sockets, no write lost, same boot, its clock right and never back"
              + (keep ? "" : ", and nothing is left on this machine"));
      return 0;
    }
    broken.forEach(text -> demo.say(terminal.bad("FAILED") + ": " + text));
    return 1;
  }

  private void interrupt(Demo demo) {
    interrupted = true;
    demo.say("interrupted: stopping the VM and removing everything");
    try {
      demo.close();
      demo.say("removed");
    } catch (IOException e) {
      System.err.println("architekt: cleaning up: " + e.getMessage());
    }
  }
}
