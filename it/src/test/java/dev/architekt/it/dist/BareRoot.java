package dev.architekt.it.dist;

import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.node.blueprint.AptSources;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Debian with nothing in it but the package's dependencies, in namespaces of its own: what a
 * person has who has installed nothing for us yet. Made by mmdebstrap once, copied for each test.
 */
final class BareRoot implements AutoCloseable {
  private static final String RELEASE = "bookworm";
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration SOON = Duration.ofSeconds(60);

  /** systemd is there to be the first process; man-db to read the pages. */
  private static final String BESIDES = "systemd-sysv,dbus,man-db";

  /** What is in the network of the place. */
  enum Network {
    /** A loopback device only. */
    OWN,
    /** What this machine has: a demo fetches packages. */
    HOST
  }

  private final Path folder;
  private final Path root;
  private final Path cgroup;
  private final Process place;
  private final long init;

  private BareRoot(Path folder, Path cgroup, Process place, long init) {
    this.folder = folder;
    this.root = folder.resolve("root");
    this.cgroup = cgroup;
    this.place = place;
    this.init = init;
  }

  /** A place whose first process does nothing. */
  static BareRoot idle(Network network) throws IOException, InterruptedException {
    return start("idle", network);
  }

  /** A place whose first process is systemd; returned when it has booted. */
  static BareRoot booted(Network network) throws IOException, InterruptedException {
    BareRoot bare = start("init", network);
    try {
      bare.await("systemd has booted", "systemctl is-system-running | grep -E 'running|degraded'");
    } catch (IOException | InterruptedException e) {
      bare.close();
      throw e;
    }
    return bare;
  }

  private static BareRoot start(String mode, Network network)
      throws IOException, InterruptedException {
    Path template = template();
    Path folder = Files.createTempDirectory("architekt-it-root-");
    Shell.run(
        LIMIT,
        List.of(
            "cp", "-a", "--reflink=auto", template.toString(), folder.resolve("root").toString()));
    Path cgroup = cgroups().resolve(folder.getFileName());
    Process place =
        new ProcessBuilder(
                "bash",
                GuestPrograms.projectRoot()
                    .resolve("it/src/test/resources/bare-root.sh")
                    .toString(),
                folder.resolve("root").toString(),
                mode,
                network == Network.OWN ? "own" : "host",
                cgroup.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("console").toFile())
            .start();
    place.getOutputStream().close();
    BareRoot bare = new BareRoot(folder, cgroup, place, firstProcess(place, folder));
    bare.await("the place is made", "test -e /run/bare-root-is-ready");
    return bare;
  }

  private static long firstProcess(Process place, Path folder)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + SOON.toNanos();
    while (System.nanoTime() < end && place.isAlive()) {
      var child = place.children().findFirst();
      if (child.isPresent() && place.info().command().orElse("").endsWith("unshare")) {
        return child.get().pid();
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new IOException(
        "the bare root did not start: " + Files.readString(folder.resolve("console")));
  }

  private void await(String what, String script) throws IOException, InterruptedException {
    long end = System.nanoTime() + SOON.toNanos();
    while (attempt(script).status() != 0) {
      if (System.nanoTime() > end || !place.isAlive()) {
        throw new IOException(
            "not within "
                + SOON
                + ": "
                + what
                + ": "
                + Files.readString(folder.resolve("console")));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static Path cgroups() throws IOException, InterruptedException {
    return Path.of(
        Shell.run("findmnt", "-n", "-t", "cgroup2", "-o", "TARGET")
            .lines()
            .findFirst()
            .orElseThrow());
  }

  /** The root that all others are copies of. */
  private static synchronized Path template() throws IOException, InterruptedException {
    Path guests = Files.createDirectories(GuestPrograms.projectRoot().resolve(".build/guests"));
    Path template = guests.resolve("bare-root");
    Path made = guests.resolve("bare-root.packages");
    String packages = packages();
    if (Files.isDirectory(template)
        && Files.exists(made)
        && Files.readString(made).equals(packages)) {
      return template;
    }
    Files.deleteIfExists(made);
    Shell.run(LIMIT, List.of("rm", "-rf", template.toString()));
    Path sources = Files.createTempFile("architekt-it-", ".sources");
    Files.writeString(sources, AptSources.ofHost(RELEASE));
    List<String> command =
        new ArrayList<>(
            List.of("mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"));
    command.add("--aptopt=APT::Install-Recommends \"false\"");
    Shell.run("apt-config", "dump")
        .lines()
        .filter(line -> line.matches("Acquire::https?::.* \".+\";"))
        .forEach(line -> command.add("--aptopt=" + line.substring(0, line.length() - 1)));
    command.addAll(List.of("--include=" + packages + "," + BESIDES, RELEASE, template.toString()));
    command.add(sources.toString());
    try {
      Shell.run(LIMIT, command);
    } finally {
      Files.delete(sources);
    }
    // Its network is this machine's in some tests: kernel variables are none of its business.
    Files.createSymbolicLink(
        template.resolve("etc/systemd/system/systemd-sysctl.service"), Path.of("/dev/null"));
    Files.writeString(made, packages);
    return template;
  }

  /** All that the package names as needed or recommended. */
  private static String packages() throws IOException, InterruptedException {
    List<String> names = new ArrayList<>();
    for (String field : List.of("Depends", "Recommends")) {
      for (String entry : Shell.run("dpkg-deb", "-f", Dist.deb().toString(), field).split(",")) {
        names.add(entry.strip().replaceFirst(" .*", ""));
      }
    }
    return String.join(",", names);
  }

  /** A file of the place, as this test sees it. */
  Path path(String inside) {
    return root.resolve(inside.substring(1));
  }

  /** Puts a file into the place. */
  void copyIn(Path file, String inside) throws IOException {
    Files.createDirectories(path(inside).getParent());
    Files.copy(file, path(inside), StandardCopyOption.REPLACE_EXISTING);
  }

  /** What a script of bash prints there; a status other than 0 is an exception that shows it. */
  String run(String script) throws IOException, InterruptedException {
    return Shell.run(LIMIT, command("bash", "-c", script));
  }

  Shell.Result attempt(String script) throws IOException, InterruptedException {
    return Shell.attempt(LIMIT, command("bash", "-c", script));
  }

  /** An architekt command that stays. */
  Role role(String name, String... words) throws IOException {
    List<String> command = command("architekt");
    command.addAll(List.of(words));
    return Role.start(name, command);
  }

  private List<String> command(String... words) {
    List<String> command = new ArrayList<>(List.of("nsenter", "-t", Long.toString(init), "--all"));
    command.addAll(
        List.of(
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
            "LANG=C.UTF-8",
            "TERM=dumb"));
    command.addAll(List.of(words));
    return command;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (place.isAlive()) {
      // A hypervisor that is killed together with what serves its memory may hang.
      attempt(
          "for vm in /run/architekt/*/state-directory; do [ -L \"$vm\" ] &&"
              + " timeout 60 architekt stop --discard --cache-base-dir \"$(readlink \"$vm\")\"; done");
      ProcessHandle.of(init).ifPresent(ProcessHandle::destroyForcibly);
      if (!place.waitFor(30, TimeUnit.SECONDS)) {
        place.destroyForcibly();
      }
    }
    try (Stream<Path> groups = Files.walk(cgroup)) {
      for (Path group :
          groups.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(group);
      }
    }
    Shell.run(LIMIT, List.of("rm", "-rf", "--one-file-system", folder.toString()));
  }

  @Override
  public String toString() {
    try {
      return Files.readString(folder.resolve("console"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return folder + ": " + e.getMessage();
    }
  }
}
