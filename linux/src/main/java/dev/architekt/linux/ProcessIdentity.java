package dev.architekt.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which process is meant, for a file that outlives it: pids come round again, and all of them after
 * a reboot.
 *
 * @param startTicks when it started, in clock ticks since boot (field 22 of /proc/pid/stat)
 * @param bootId the boot it started in (/proc/sys/kernel/random/boot_id)
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int START_TIME = 22;

  /**
   * The identity of the process that has {@code pid} now; {@link NoSuchFileException} when there is
   * none.
   */
  public static ProcessIdentity of(long pid) throws IOException {
    return new ProcessIdentity(pid, startTicks(pid), currentBootId());
  }

  /** This boot's id. */
  public static String currentBootId() throws IOException {
    return Files.readString(BOOT_ID).strip();
  }

  /** The process, if it is still the same one and has not ended. */
  public Optional<Pidfd> open() throws IOException {
    if (!bootId.equals(currentBootId())) {
      return Optional.empty();
    }
    Pidfd process;
    try {
      process = Pidfd.open(pid);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ESRCH || e.errno() == Errno.EINVAL) {
        return Optional.empty();
      }
      throw e;
    }
    // Only now: what the descriptor means cannot change any more, so neither can the start time
    // read here.
    try {
      if (startTicks(pid) == startTicks && !process.hasEnded()) {
        return Optional.of(process);
      }
    } catch (NoSuchFileException e) {
      // It ended in between: the same answer as if it had never been there.
    } catch (IOException e) {
      process.close();
      throw e;
    }
    process.close();
    return Optional.empty();
  }

  private static long startTicks(long pid) throws IOException {
    String stat;
    try {
      stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      // A process that ends during the read answers ESRCH, which java.nio has no type for.
      if (!Files.exists(Path.of("/proc/" + pid))) {
        throw new NoSuchFileException("/proc/" + pid + "/stat");
      }
      throw e;
    }
    // The name in field 2 may hold blanks and brackets: count from its last bracket.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[START_TIME - 3]);
  }
}
