package dev.architekt.it.vm;

import dev.architekt.cli.lab.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a lab could leave on the machine: asked before it is built and after it is gone. Others may
 * be at work on the same machine, so that only what bears the lab's names counts, and what has no
 * name (tables and mounts) if it was not there before.
 */
final class Leftovers {
  private static final Path RUN = Path.of("/run/architekt");

  private final List<String> tables;
  private final List<String> mounts;

  private Leftovers(List<String> tables, List<String> mounts) {
    this.tables = tables;
    this.mounts = mounts;
  }

  static Leftovers before() throws IOException, InterruptedException {
    return new Leftovers(tables(), mounts());
  }

  /**
   * In words, what is left; empty when all is as it was.
   *
   * @param prefix of every namespace that the lab has made or had made
   * @param work the lab's folder, which every process of it names
   * @param sockets folders below {@code /run/architekt} of the lab's state directories
   */
  List<String> after(String prefix, Path work, List<Path> sockets)
      throws IOException, InterruptedException {
    List<String> left = new ArrayList<>();
    for (String namespace : names(Path.of("/run/netns"))) {
      if (namespace.startsWith(prefix)) {
        left.add("network namespace " + namespace);
      }
    }
    for (Path folder : sockets) {
      if (Files.exists(folder)) {
        left.add("folder " + folder + ": " + names(folder));
      }
    }
    for (String claim : names(RUN.resolve("network"))) {
      if (claim.startsWith(prefix)) {
        left.add("network claim " + claim);
      }
    }
    for (long pid : Processes.mentioning(work.toString())) {
      left.add("process " + pid + " in state " + Processes.state(pid));
    }
    added(tables, tables()).forEach(table -> left.add("nft " + table));
    for (String mount : added(mounts, mounts())) {
      if (mount.contains(prefix) || mount.contains(work.toString()) || mount.contains("fuse")) {
        left.add("mount " + mount);
      }
    }
    return left;
  }

  private static List<String> added(List<String> before, List<String> now) {
    List<String> more = new ArrayList<>(now);
    more.removeAll(before);
    return more;
  }

  private static List<String> tables() throws IOException, InterruptedException {
    return Shell.run("nft", "list", "tables").lines().toList();
  }

  private static List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts"), StandardCharsets.UTF_8);
  }

  private static Iterable<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return new TreeSet<>(entries.map(path -> path.getFileName().toString()).toList());
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
