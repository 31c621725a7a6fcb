package dev.architekt.node.peer;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells a peer that would leave its VM running that this time the VM shall end too: a file in its
 * directory, made before the signal.
 */
public final class StopRequest {
  private final Path file;

  public StopRequest(Path directory) {
    this.file = directory.resolve("stop");
  }

  /** Asks; the signal comes after it. */
  public void make() throws IOException {
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      return; // asked before, and not heard yet
    }
  }

  void withdraw() throws IOException {
    Files.deleteIfExists(file);
  }

  boolean isThere() {
    return Files.exists(file);
  }
}
