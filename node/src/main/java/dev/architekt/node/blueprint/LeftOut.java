package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says what of the named packages does not run in the guest, so that nothing is missed silently.
 */
final class LeftOut {
  private final EnabledUnits enabled;
  private final Blueprint.Progress progress;

  LeftOut(EnabledUnits enabled, Blueprint.Progress progress) {
    this.enabled = enabled;
    this.progress = progress;
  }

  /**
   * @param named packages that were asked for by name
   * @param owners packages with a unit that became a service
   */
  void reportPackages(Set<String> named, Set<String> owners, PackageDatabase database)
      throws IOException {
    for (String name : new TreeSet<>(named)) {
      if (Debian.BASE.contains(name)) {
        continue;
      }
      Set<String> needed = database.closure(List.of(name), Set.of());
      if (needed.isEmpty()) {
        continue; // A virtual package: whatever provides it was installed.
      }
      if (needed.stream().noneMatch(owners::contains)) {
        progress.line("warning: no service of package " + name + " runs: " + why(name, database));
      }
      for (String timer : timers(name, database)) {
        progress.line(
            "warning: "
                + timer
                + ".timer of package "
                + name
                + " is left out: guests have no timers");
      }
    }
  }

  /** Units that an overlay or a script brought, and that nothing would start. */
  void reportOwnUnits(Set<String> services) throws IOException {
    for (Map.Entry<String, Path> unit : enabled.all().entrySet()) {
      String name = unit.getKey().replaceFirst("\\.service$", "");
      boolean own = unit.getValue().toString().contains("/etc/systemd/system/");
      if (own && !name.endsWith("@") && !services.contains(name)) {
        progress.line(
            "warning: "
                + unit.getKey()
                + " is not enabled: link it in etc/systemd/system/multi-user.target.wants");
      }
    }
  }

  private String why(String name, PackageDatabase database) throws IOException {
    Set<String> files = new HashSet<>(database.files(name));
    List<String> units = new ArrayList<>();
    for (Map.Entry<String, Path> unit : enabled.all().entrySet()) {
      String path = "systemd/system/" + unit.getKey();
      if (files.contains("/lib/" + path) || files.contains("/usr/lib/" + path)) {
        units.add(unit.getKey());
      }
    }
    if (units.isEmpty()) {
      return "it has no systemd unit";
    }
    return String.join(", ", units)
        + " is not enabled after installation; enable it with a --run script that says:"
        + " deb-systemd-helper enable UNIT.service";
  }

  private List<String> timers(String name, PackageDatabase database) throws IOException {
    Set<String> files = new HashSet<>(database.files(name));
    return enabled.timers().keySet().stream()
        .filter(timer ->
            files.contains("/lib/systemd/system/" + timer + ".timer")
                || files.contains("/usr/lib/systemd/system/" + timer + ".timer"))
        .toList();
  }
}
