package dev.architekt.node.instance;

import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Which process uses a state directory: by pid, start time and boot, not by a lock of the file,
 * which a killed predecessor that hangs in the kernel would still hold.
 */
public final class Owner {
  private Owner() {}

  /** Claims the directory for this process. */
  public static void claim(StateDirectory state) throws IOException {
    Optional<byte[]> record = state.read("owner");
    if (record.isPresent()) {
      Optional<ProcessIdentity> other = parse(new String(record.get(), StandardCharsets.UTF_8));
      if (other.isPresent()
          && other.get().pid() != ProcessHandle.current().pid()
          && isAlive(other.get())) {
        throw new IOException(
            "state directory "
                + state
                + " is in use by process "
                + other.get().pid()
                + "; stop that first, or name another --cache-base-dir");
      }
    }
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid());
    state.write(
        "owner",
        (self.pid() + " " + self.startTicks() + " " + self.bootId())
            .getBytes(StandardCharsets.UTF_8));
  }

  public static void release(StateDirectory state) throws IOException {
    state.delete("owner");
  }

  public static boolean isAlive(ProcessIdentity process) throws IOException {
    Optional<Pidfd> open = process.open();
    open.ifPresent(Pidfd::close);
    return open.isPresent() && !PendingKill.of(process.pid());
  }

  public static Optional<ProcessIdentity> parse(String text) {
    String[] words = text.strip().split(" ");
    if (words.length != 3) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ProcessIdentity(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
