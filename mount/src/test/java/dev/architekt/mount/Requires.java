package dev.architekt.mount;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** What a test needs of the host; without it the test is skipped, visibly. */
final class Requires {
  private Requires() {}

  static void fuse() {
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "needs /dev/fuse");
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
  }
}
