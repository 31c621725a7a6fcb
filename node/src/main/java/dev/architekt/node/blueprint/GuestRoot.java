package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes what packages left in a folder into a guest's root: one idea a line in {@link #make}. */
final class GuestRoot {
  private static final Duration SHORT = Duration.ofMinutes(1);

  private final Blueprint.Options options;
  private final Blueprint.Progress progress;
  private final Tool tool;
  private final Path root;

  /**
   * @param root a real path
   */
  GuestRoot(Blueprint.Options options, Blueprint.Progress progress, Tool tool, Path root) {
    this.options = options;
    this.progress = progress;
    this.tool = tool;
    this.root = root;
  }

  /**
   * What the manifest says about a root.
   *
   * @param packages name to version
   */
  record Made(
      Map<String, String> packages,
      List<String> services,
      List<String> ports,
      Map<String, List<String>> hooks) {}

  Made make() throws IOException, InterruptedException {
    var database = new PackageDatabase(root);
    Set<String> named = new HashSet<>(options.packages());
    Set<String> kept = kept(named, database);
    for (Path overlay : options.overlay()) {
      // What decides about services has to be there before they are translated.
      copy(overlay, "etc/architekt");
      copy(overlay, "etc/systemd");
    }

    var services = new GuestServices(root, progress);
    List<String> translated = services.translate(named, kept, database);
    progress.line(
        "services: "
            + (translated.isEmpty() ? "none in the packages" : String.join(", ", translated)));
    Set<String> interpreters = Interpreters.needed(root, services.scripts(), options.overlay());
    kept.addAll(database.closure(interpreters, Set.of()));

    var slimmer = new RootSlimmer(root);
    slimmer.dropPackagesExcept(kept, database);
    slimmer.dropDocumentationAndCaches();
    Busybox.install(tool, root);
    GuestFiles.install(root);
    prepareFolders();
    for (Path overlay : options.overlay()) {
      copy(overlay, "");
    }
    services.openToTheOutside();
    TemporaryFiles.write(root);
    services.supervise();
    requireService(services);
    return new Made(
        database.versions(kept), services.scripts(), services.ports(), services.hooks());
  }

  private static Set<String> kept(Set<String> named, PackageDatabase database) {
    Set<String> asked = new HashSet<>(named);
    asked.addAll(Debian.BASE);
    Set<String> installOnly = new HashSet<>(RootSlimmer.INSTALL_ONLY);
    installOnly.removeAll(asked);
    List<String> wanted = new ArrayList<>(asked);
    wanted.addAll(List.of("base-files", "libc6"));
    return database.closure(wanted, installOnly);
  }

  private void requireService(GuestServices services) throws IOException {
    if (!services.scripts().isEmpty() || services.hasLivenessChecks()) {
      return;
    }
    if (!options.packages().isEmpty()) {
      throw new BlueprintException(
          "nothing would run in the guest: "
              + String.join(", ", options.packages())
              + " brings no systemd service that starts by itself. Bring a run script"
              + " (etc/architekt/services/NAME, executable, stays in the foreground) in an --overlay,"
              + " or enable a unit in a --run script");
    }
    progress.line("warning: the guest has no service; it is live as soon as it has booted");
  }

  /**
   * @param part of the overlay, or all of it when empty
   */
  private void copy(Path overlay, String part) throws IOException, InterruptedException {
    Path from = overlay.toAbsolutePath().resolve(part);
    if (!Files.isDirectory(from)) {
      return;
    }
    Path to = root.resolve(part);
    Files.createDirectories(to);
    tool.check(
        "copy the overlay " + overlay,
        List.of("/bin/cp", "-a", "--no-target-directory", from + "/.", to.toString()),
        Map.of(),
        SHORT);
  }

  private void prepareFolders() throws IOException {
    for (String folder : List.of("before-suspend.d", "after-resume.d", "liveness.d", "services")) {
      Files.createDirectories(root.resolve("etc/architekt").resolve(folder));
    }
    write("etc/hostname", "architekt\n");
    write("etc/hosts", "127.0.0.1 localhost\n172.100.100.2 architekt\n");
    write("etc/resolv.conf", "");
    // Empty: each instance gets its own at its first boot.
    write("etc/machine-id", "");
  }

  private void write(String path, String text) throws IOException {
    GuestFiles.write(root.resolve(path), text.getBytes(StandardCharsets.UTF_8), 0644);
  }
}
