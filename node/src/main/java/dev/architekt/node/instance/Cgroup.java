package dev.architekt.node.instance;

import dev.architekt.node.state.ProcessLimits;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What one VM's process may use of this host, by control groups (cgroups(7)), version 1 or 2,
 * whichever the controllers are on:
 *
 * <pre>
 *   v1  MOUNT-OF-cpu/architekt/NAME, MOUNT-OF-pids/architekt/NAME
 *   v2  MOUNT/architekt/NAME
 * </pre>
 *
 * The name comes from the state directory, so that whoever adopts the VM finds the same one. There
 * is no limit of memory: the guest's RAM is page cache of its mount, and a limit on that would stop
 * the very writes that free it.
 */
public final class Cgroup {
  private static final String PARENT = "architekt";
  private static final long PERIOD_US = 100_000;
  private static final long LEAVE_MS = 1000;
  private static final List<String> CONTROLLERS = List.of("cpu", "pids");

  private final String name;
  private final Path mountinfo;

  private Cgroup(String name, Path mountinfo) {
    this.name = name;
    this.mountinfo = mountinfo;
  }

  /** That of the VM of {@code state}, whether it is there or not. */
  public static Cgroup of(StateDirectory state) {
    return of(StateDirectory.socketsOf(state.path()).getFileName().toString());
  }

  static Cgroup of(String name) {
    return new Cgroup(name, Path.of("/proc/self/mountinfo"));
  }

  /** Puts process {@code pid} under {@code limits}. */
  void limit(long pid, ProcessLimits limits) throws IOException {
    for (Map.Entry<String, Path> found : folders(limits).entrySet()) {
      Path folder = found.getValue();
      Files.createDirectories(folder);
      boolean unified = isUnified(folder);
      if (found.getKey().equals("cpu")) {
        long quota = Math.round(limits.cpus().getAsDouble() * PERIOD_US);
        if (unified) {
          write(folder.resolve("cpu.max"), quota + " " + PERIOD_US);
        } else {
          write(folder.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_US));
          write(folder.resolve("cpu.cfs_quota_us"), Long.toString(quota));
        }
      } else {
        write(folder.resolve("pids.max"), Integer.toString(limits.threads().getAsInt()));
      }
      write(folder.resolve("cgroup.procs"), Long.toString(pid));
    }
  }

  /** By controller, as far as there are limits for it. */
  private Map<String, Path> folders(ProcessLimits limits) throws IOException {
    Map<String, Path> folders = new LinkedHashMap<>();
    for (String controller : CONTROLLERS) {
      boolean wanted =
          controller.equals("cpu") ? limits.cpus().isPresent() : limits.threads().isPresent();
      if (wanted) {
        folders.put(
            controller,
            folder(controller)
                .orElseThrow(() ->
                    new IOException(
                        "this host has no "
                            + controller
                            + " controller for control groups (neither version 1 nor 2); leave the"
                            + " --cgroup options out")));
      }
    }
    return folders;
  }

  private Optional<Path> folder(String controller) throws IOException {
    Optional<Path> unified = Optional.empty();
    for (String line : Files.readAllLines(mountinfo)) {
      // ID PARENT MAJOR:MINOR ROOT MOUNT-POINT OPTIONS … - TYPE SOURCE SUPER-OPTIONS
      String[] halves = line.split(" - ", 2);
      String[] left = halves[0].split(" ");
      String[] right = halves.length < 2 ? new String[0] : halves[1].split(" ");
      if (right.length < 3) {
        continue;
      }
      Path mount = Path.of(left[4]);
      if (right[0].equals("cgroup") && Arrays.asList(right[2].split(",")).contains(controller)) {
        return Optional.of(mount.resolve(PARENT).resolve(name));
      }
      if (right[0].equals("cgroup2") && delegates(mount, controller)) {
        unified = Optional.of(mount.resolve(PARENT).resolve(name));
      }
    }
    return unified;
  }

  /** Whether version 2 has the controller; hands it down to the groups of VMs. */
  private static boolean delegates(Path mount, String controller) throws IOException {
    Path known = mount.resolve("cgroup.controllers");
    if (!Files.exists(known)
        || !List.of(Files.readString(known).strip().split(" ")).contains(controller)) {
      return false;
    }
    Files.createDirectories(mount.resolve(PARENT));
    for (Path group : List.of(mount, mount.resolve(PARENT))) {
      write(group.resolve("cgroup.subtree_control"), "+" + controller);
    }
    return true;
  }

  private static boolean isUnified(Path folder) {
    return Files.exists(folder.resolve("cgroup.controllers"));
  }

  private static void write(Path file, String value) throws IOException {
    try {
      Files.writeString(file, value, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException(
          String.format(Locale.ROOT, "%s: cannot be set to \"%s\": %s", file, value, reason(e)), e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "no such file" : e.getMessage();
  }

  /** Removes it, once its process has ended; nothing, when there is none. */
  public void remove() throws IOException {
    for (Path folder : made()) {
      long end = System.nanoTime() + LEAVE_MS * 1_000_000;
      while (Files.exists(folder) && !folder.toFile().delete()) {
        if (System.nanoTime() > end) {
          throw new IOException(
              folder
                  + ": processes "
                  + Files.readAllLines(folder.resolve("cgroup.procs"))
                  + " are still in it");
        }
        try {
          Thread.sleep(5);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
      folder.getParent().toFile().delete(); // fails while other VMs have theirs
    }
  }

  private List<Path> made() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String line : Files.readAllLines(mountinfo)) {
      String[] halves = line.split(" - ", 2);
      if (halves.length == 2 && halves[1].startsWith("cgroup")) {
        Path folder = Path.of(halves[0].split(" ")[4]).resolve(PARENT).resolve(name);
        if (Files.isDirectory(folder)) {
          found.add(folder);
        }
      }
    }
    return found;
  }
}
