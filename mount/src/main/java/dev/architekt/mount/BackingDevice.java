package dev.architekt.mount;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A mount's write-back and read-ahead settings, {@code /sys/class/bdi/0:<connection>/}.
 *
 * <p>FUSE mounts are strictly limited to one per cent of the dirty memory that the host allows: a
 * guest whose RAM the mount is would be held back whenever it writes. Its pages are memory in use,
 * not a backlog, so the limit is lifted. Whether these files can be written depends on the
 * container; a mount without them works, more slowly.
 */
final class BackingDevice {
  private static final Logger LOG = System.getLogger(BackingDevice.class.getPackageName());

  private final Path directory;

  BackingDevice(int connectionId) {
    directory = Path.of("/sys/class/bdi/0:" + connectionId);
  }

  void tune(int readAheadKib) {
    set("strict_limit", 0);
    set("max_ratio", 100);
    readAhead(readAheadKib);
  }

  /** For files that are opened from now on. */
  void readAhead(int kib) {
    set("read_ahead_kb", kib);
  }

  private void set(String name, int value) {
    Path file = directory.resolve(name);
    try {
      Files.writeString(file, Integer.toString(value));
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} does not exist: this kernel has no such setting", file);
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          "cannot write {0} to {1} ({2}): a guest that writes much will be held back",
          value,
          file,
          e.getMessage());
    }
  }
}
