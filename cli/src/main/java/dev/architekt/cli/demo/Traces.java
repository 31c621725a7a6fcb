package dev.architekt.cli.demo;

import dev.architekt.cli.lab.Shell;
import dev.architekt.cli.lab.Topology;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.network.ClaimRecord;
import dev.architekt.network.NamespaceClaims;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a demo left anything on the machine: what there was before it began, beside what there is
 * after it has closed. Others use the machine meanwhile, so what is new counts only when its name,
 * a claim or a process leads back to this demo, or to nobody that is alive.
 */
final class Traces {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final String TABLE_PREFIX = "architekt";

  private final Set<String> namespaces;
  private final Set<String> tables;
  private final Set<String> mounts;
  private final Set<String> temporary;
  private final Path packages;
  private final Set<Long> nodes = new LinkedHashSet<>();
  private final Set<ClaimRecord> claims = new LinkedHashSet<>();

  private Traces(Path packages) throws IOException, InterruptedException {
    this.packages = packages;
    this.namespaces = names(NAMESPACES);
    this.tables = tables();
    this.mounts = mounts();
    this.temporary = names(packages);
  }

  /** The machine before the demo; {@code packages} is where it builds. */
  static Traces before(Path packages) throws IOException, InterruptedException {
    return new Traces(packages);
  }

  /** Remembers which claims and VMs belong to the demo called {@code name}, while it runs. */
  void note(String name) throws IOException {
    for (String namespace : Topology.namespaces(name)) {
      Path file = NAMESPACES.resolve(namespace);
      if (Files.exists(file)) {
        nodes.add((Long) Files.getAttribute(file, "unix:ino"));
      }
    }
    try (NamespaceClaims all = NamespaceClaims.machineWide()) {
      all.list().stream().filter(c -> nodes.contains(c.nodeNamespace())).forEach(claims::add);
    }
  }

  /** What of {@code record} is still there, in words; empty when nothing is. */
  List<String> left(DemoRecord record) throws IOException, InterruptedException {
    List<String> left = new ArrayList<>();
    List<ClaimRecord> now;
    try (NamespaceClaims all = NamespaceClaims.machineWide()) {
      now = all.list();
    }
    now.stream()
        .filter(claim -> nodes.contains(claim.nodeNamespace()))
        .forEach(claim -> left.add("network claim " + claim.namespace()));
    Set<String> claimed = new TreeSet<>();
    now.forEach(claim -> claimed.add(claim.namespace()));
    for (String name : fresh(names(NAMESPACES), namespaces)) {
      boolean ours = Topology.namespaces(record.name()).contains(name);
      boolean nobodys = name.matches("ark[0-9]+") && !claimed.contains(name);
      if (ours || nobodys) {
        left.add("network namespace " + name);
      }
    }
    for (String table : fresh(tables(), tables)) {
      boolean others = now.stream().anyMatch(claim -> table.contains(claim.id()));
      if (table.contains(" " + TABLE_PREFIX) && !others) {
        left.add("nftables table " + table);
      }
    }
    for (String mount : fresh(mounts(), mounts)) {
      if (mount.startsWith(record.work().toString())) {
        left.add("mount " + mount);
      }
    }
    processes(record, left);
    files(record, left);
    return left;
  }

  private void processes(DemoRecord record, List<String> left) throws IOException {
    List<ProcessIdentity> all = new ArrayList<>(record.members());
    claims.forEach(claim -> claim.vm().ifPresent(all::add));
    for (ProcessIdentity process : new LinkedHashSet<>(all)) {
      if (Demos.isAlive(process)) {
        left.add("process " + process.pid() + " (" + command(process.pid()) + ")");
      }
    }
  }

  /** Its short name: the long one would have to be read from memory that nobody may be serving. */
  private static String command(long pid) throws IOException {
    Path file = Path.of("/proc", Long.toString(pid), "comm");
    return Files.exists(file) ? Files.readString(file).strip() : "ended";
  }

  private void files(DemoRecord record, List<String> left) throws IOException {
    for (int node = 1; node <= 2; node++) {
      Path sockets = StateDirectory.socketsOf(record.work().resolve("node-" + node));
      if (Files.exists(sockets)) {
        left.add("sockets " + sockets);
      }
    }
    if (Files.exists(record.work())) {
      left.add("files " + record.work());
    }
    for (String name : fresh(names(packages), temporary)) {
      if (name.startsWith(".")) {
        left.add("files " + packages.resolve(name));
      }
    }
  }

  private static Set<String> fresh(Set<String> now, Set<String> before) {
    Set<String> fresh = new TreeSet<>(now);
    fresh.removeAll(before);
    return fresh;
  }

  private static Set<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return Set.of();
    }
    Set<String> names = new TreeSet<>();
    try (var entries = Files.list(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    return names;
  }

  private static Set<String> tables() throws IOException, InterruptedException {
    String list = Shell.run(Duration.ofSeconds(30), List.of("nft", "list", "tables"));
    return new TreeSet<>(list.lines().toList());
  }

  private static Set<String> mounts() throws IOException {
    Set<String> mounts = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      mounts.add(line.split(" ", 6)[4]);
    }
    return mounts;
  }
}
