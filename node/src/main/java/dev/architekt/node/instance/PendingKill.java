package dev.architekt.node.instance;

import dev.architekt.linux.Pidfd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Whether a process has been killed already and hangs in the kernel until its mount is served. */
public final class PendingKill {
  private static final long SIGKILL_BIT = 1L << (Pidfd.SIGKILL - 1);

  private PendingKill() {}

  /** True as well for a process that has ended. Asks no memory of it, so that it cannot block. */
  public static boolean of(long pid) throws IOException {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("SigPnd:") || line.startsWith("ShdPnd:")) {
          long pending = Long.parseUnsignedLong(line.substring(7).strip(), 16);
          if ((pending & SIGKILL_BIT) != 0) {
            return true;
          }
        }
        if (line.startsWith("State:") && (line.contains("Z") || line.contains("X"))) {
          return true;
        }
      }
      return false;
    } catch (NoSuchFileException e) {
      return true;
    }
  }
}
