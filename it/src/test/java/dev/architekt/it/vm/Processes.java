package dev.architekt.it.vm;

import dev.architekt.cli.lab.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the kernel says about processes, and signals to them by their numbers. */
final class Processes {
  private Processes() {}

  /** Sends a signal by name, such as KILL; a process that has ended is no error. */
  static void signal(String name, long pid) throws IOException, InterruptedException {
    Shell.attempt(Duration.ofSeconds(5), List.of("kill", "-" + name, Long.toString(pid)));
  }

  /** R, S, D, T, Z and so on; X when there is no such process. Never blocks. */
  static char state(long pid) {
    String[] fields = statFields(pid);
    return fields.length == 0 ? 'X' : fields[0].charAt(0);
  }

  static boolean isAlive(long pid) {
    char state = state(pid);
    return state != 'X' && state != 'Z';
  }

  /** Processor time that it has used, in clock ticks (10 ms each); 0 when it has ended. */
  static long ticks(long pid) {
    String[] fields = statFields(pid);
    return fields.length < 13 ? 0 : Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** What follows the command's name: state, parent, … */
  private static String[] statFields(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    } catch (IOException e) {
      return new String[0];
    }
  }

  static void awaitStopped(long pid, Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (state(pid) != 'T') {
      if (System.nanoTime() > end || !isAlive(pid)) {
        throw new IOException(
            "process " + pid + " did not stop within " + limit + "; its state is " + state(pid));
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  static boolean awaitEnd(long pid, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (isAlive(pid)) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return true;
  }

  /**
   * Numbers of the processes whose command line holds {@code text}. Those that hang in the kernel
   * are given two seconds to answer.
   */
  static List<Long> mentioning(String text) throws IOException, InterruptedException {
    List<Long> found = new ArrayList<>();
    List<Path> all;
    try (var entries = Files.list(Path.of("/proc"))) {
      all = entries.filter(p -> p.getFileName().toString().matches("[0-9]+")).toList();
    }
    long self = ProcessHandle.current().pid();
    for (Path process : all) {
      long pid = Long.parseLong(process.getFileName().toString());
      if (pid != self && isAlive(pid) && commandLine(pid).contains(text)) {
        found.add(pid);
      }
    }
    return found;
  }

  private static String commandLine(long pid) throws IOException, InterruptedException {
    if (state(pid) != 'D') {
      try {
        return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        return ""; // it has ended
      }
    }
    return Shell.attempt(
            Duration.ofSeconds(4),
            List.of("timeout", "-s", "KILL", "2", "cat", "/proc/" + pid + "/cmdline"))
        .output();
  }
}
