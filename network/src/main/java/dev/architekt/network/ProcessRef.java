package dev.architekt.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process that cannot be mistaken for a later one with the same number.
 *
 * @param pid its number, at least 1
 * @param startTicks when it started: field 22 of {@code /proc/<pid>/stat}
 */
public record ProcessRef(long pid, long startTicks) {
  public ProcessRef {
    if (pid < 1 || startTicks < 0) {
      throw new IllegalArgumentException("process " + pid + " started at tick " + startTicks);
    }
  }

  /** This process. */
  public static ProcessRef self() throws IOException {
    return of(ProcessHandle.current().pid());
  }

  /** The process that has number {@code pid} now. @throws IOException when none has */
  public static ProcessRef of(long pid) throws IOException {
    return new ProcessRef(pid, Long.parseLong(stat(pid)[19]));
  }

  /** Whether it still runs; a zombie does not. */
  public boolean alive() {
    try {
      String[] stat = stat(pid);
      return Long.parseLong(stat[19]) == startTicks && !stat[0].equals("Z") && !stat[0].equals("X");
    } catch (IOException e) {
      return false; // no such process
    }
  }

  /** The fields from the third (state) on; the second may hold spaces and parentheses. */
  private static String[] stat(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return line.substring(line.lastIndexOf(')') + 2).split(" ");
  }
}
