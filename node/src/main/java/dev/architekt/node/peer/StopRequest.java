package dev.architekt.node.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Tells a peer what a signal is to do this time, whatever it was started with: a file in its
 * directory, made before the signal.
 */
public final class StopRequest {
  private static final String DISCARD = "discard";

  private final Path file;

  public StopRequest(Path directory) {
    this.file = directory.resolve("stop");
  }

  /**
   * Asks for the VM's end here; the signal comes after it.
   *
   * @param discard whether nothing of the VM is to be kept
   */
  public void make(boolean discard) throws IOException {
    Files.writeString(file, discard ? DISCARD : "", StandardCharsets.US_ASCII);
  }

  void withdraw() throws IOException {
    Files.deleteIfExists(file);
  }

  boolean isThere() {
    return Files.exists(file);
  }

  boolean discards() {
    try {
      return Files.isRegularFile(file)
          && Files.size(file) <= DISCARD.length()
          && Files.readString(file, StandardCharsets.US_ASCII).equals(DISCARD);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return false; // what cannot be read asks for nothing that cannot be undone
    }
  }
}
