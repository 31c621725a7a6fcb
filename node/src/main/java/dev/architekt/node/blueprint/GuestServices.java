package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The services of a root: enabled systemd units become run scripts, run scripts become lines of the
 * inittab.
 */
final class GuestServices {
  private static final String SCRIPTS = "etc/architekt/services";

  /** The builder starts these by itself, or a guest has no use for them. */
  private static final Set<String> NOT_SERVICES =
      Set.of("qemu-guest-agent", "e2scrub_reap", "getty@tty1", "remote-fs");

  static final List<String> EVENTS = List.of("before-suspend", "after-resume", "new-instance");

  private final Path root;
  private final Blueprint.Progress progress;
  private final Properties table;
  private final Set<String> oneShots = new TreeSet<>();

  /**
   * @param root a real path
   * @param progress hears warnings
   */
  GuestServices(Path root, Blueprint.Progress progress) throws IOException {
    this.root = root;
    this.progress = progress;
    this.table = GuestFiles.services();
  }

  /**
   * Writes a run script for each unit that is enabled and owned by one of the packages, or by none.
   * A run script that is there already stays as it is.
   *
   * @param named what was asked for by name: a unit of theirs that cannot be translated is an
   *     error, one of what they depend on a warning
   * @param kept the named ones and what they depend on
   * @return names of the services
   * @throws BlueprintException naming the unit and what to do
   */
  List<String> translate(Set<String> named, Set<String> kept, PackageDatabase database)
      throws IOException {
    EnabledUnits enabled = new EnabledUnits(root);
    Map<String, Path> units = new TreeMap<>(enabled.services());
    Map<String, Path> clusters = new PostgresClusters(root).units();
    if (!clusters.isEmpty()) {
      units.remove(PostgresClusters.META_UNIT);
      units.putAll(clusters);
    }
    Set<String> sockets = enabled.sockets();
    List<String> names = new ArrayList<>();
    Set<String> owners = new TreeSet<>();
    for (Map.Entry<String, Path> entry : units.entrySet()) {
      String name = entry.getKey();
      String owner = database.owner("/" + root.relativize(entry.getValue()));
      if (NOT_SERVICES.contains(name) || owner != null && !kept.contains(owner)) {
        continue;
      }
      Path script = root.resolve(SCRIPTS).resolve(name);
      if (Files.exists(script, LinkOption.NOFOLLOW_LINKS)) {
        owners.add(owner == null ? "" : owner);
        continue;
      }
      SystemdUnit unit = SystemdUnit.read(name, entry.getValue(), enabled.dropIns(name));
      Optional<String> obstacle = unit.obstacle(sockets);
      if (obstacle.isPresent()) {
        String text = notTranslated(name, owner, obstacle.get());
        if (owner == null || named.contains(owner)) {
          throw new BlueprintException(text);
        }
        progress.line("warning: " + text);
        continue;
      }
      GuestFiles.write(script, script(unit).getBytes(StandardCharsets.UTF_8), 0755);
      names.add(name);
      owners.add(owner == null ? "" : owner);
      if (unit.oneShot()) {
        oneShots.add(name);
      }
      if (!unit.all("ExecStartPost").isEmpty()) {
        progress.line(
            "warning: what " + name + ".service runs after its start (ExecStartPost) is left out");
      }
    }
    LeftOut leftOut = new LeftOut(enabled, progress);
    leftOut.reportPackages(named, owners, database);
    leftOut.reportOwnUnits(units.keySet());
    return names;
  }

  private static String notTranslated(String name, String owner, String why) {
    return name
        + ".service"
        + (owner == null ? "" : " of package " + owner)
        + " cannot become a service of the guest: "
        + why
        + ". Bring a run script in its place (executable, stays in the foreground): "
        + SCRIPTS
        + "/"
        + name
        + " in an --overlay";
  }

  private String script(SystemdUnit unit) throws IOException {
    return new ServiceScript(
            unit,
            known(unit.name(), "arguments").orElse(""),
            known(unit.name(), "command").orElse(null),
            new Accounts(root).of(unit))
        .text();
  }

  /** What the table says about a service, or about the template that it is an instance of. */
  private Optional<String> known(String name, String key) {
    String template = name.replaceFirst("@.*", "");
    return Optional.ofNullable(
        table.getProperty(name + "." + key, table.getProperty(template + "." + key)));
  }

  /**
   * Makes services that listen on the loopback device by default listen where clients come from,
   * unless a configuration says otherwise.
   */
  void openToTheOutside() throws IOException {
    new PostgresClusters(root).openToTheOutside();
    MosquittoListener.openToTheOutside(root);
  }

  /** Run scripts that are there now, translated or from an overlay. */
  List<String> scripts() throws IOException {
    return executables(root.resolve(SCRIPTS));
  }

  /** Adds the services to the inittab and tells liveness which of them must listen. */
  void supervise() throws IOException {
    List<String> names = scripts();
    StringBuilder inittab = new StringBuilder(GuestFiles.text("root/etc/inittab"));
    StringBuilder listeners = new StringBuilder();
    for (String name : names) {
      boolean once = oneShots.contains(name);
      inittab.append("::").append(once ? "once" : "respawn");
      inittab.append(":/usr/lib/architekt/supervise ").append(name);
      inittab.append(once ? " once\n" : "\n");
      if (!once) {
        listeners.append(name).append('\n');
      }
    }
    write("etc/inittab", inittab);
    write("etc/architekt/listeners", listeners);
  }

  private void write(String path, CharSequence text) throws IOException {
    GuestFiles.write(root.resolve(path), text.toString().getBytes(StandardCharsets.UTF_8), 0644);
  }

  /** Ports that the table knows for the services. */
  List<String> ports() throws IOException {
    List<String> ports = new ArrayList<>();
    for (String name : scripts()) {
      for (String port : known(name, "ports").orElse("").split(" ")) {
        if (!port.isBlank()) {
          ports.add(port);
        }
      }
    }
    return ports;
  }

  boolean hasLivenessChecks() throws IOException {
    return !executables(root.resolve("etc/architekt/liveness.d")).isEmpty();
  }

  Map<String, List<String>> hooks() throws IOException {
    Map<String, List<String>> hooks = new TreeMap<>();
    for (String event : EVENTS) {
      hooks.put(event, executables(root.resolve("etc/architekt").resolve(event + ".d")));
    }
    return hooks;
  }

  private static List<String> executables(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> Files.isSymbolicLink(file) || Files.isExecutable(file))
          .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
