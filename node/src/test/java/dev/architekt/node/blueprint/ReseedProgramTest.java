package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program is x86-64 code, so that only a processor can say whether it is right. */
class ReseedProgramTest {
  private static final int EPERM = 1;

  @Test
  void theKernelDoesWhatItAsks(@TempDir Path folder) throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "x86-64 code");
    Path program = folder.resolve("reseed");
    Files.write(program, ReseedProgram.bytes());
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Process process = new ProcessBuilder(program.toString()).start();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    // Who may not do it is told so; a wrong call would end with another number.
    assertThat(process.exitValue()).isIn(0, EPERM);
  }
}
