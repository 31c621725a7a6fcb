package dev.architekt.network;

import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether a process still acts for its claim. */
final class Liveness {
  private Liveness() {}

  /** This process. */
  static ProcessIdentity self() throws IOException {
    return ProcessIdentity.of(ProcessHandle.current().pid());
  }

  /**
   * Whether the process runs. One that was killed while a thread of it waits in the kernel has not
   * ended for its parent, but its main thread is a zombie already and it will never act again.
   */
  static boolean runs(ProcessIdentity process) throws IOException {
    Optional<Pidfd> open = process.open();
    if (open.isEmpty()) {
      return false;
    }
    open.get().close();
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException e) {
      return false; // it ended in between
    }
  }
}
