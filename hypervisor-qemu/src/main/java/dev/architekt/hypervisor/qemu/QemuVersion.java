package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.MachineStartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of a QEMU program: a few options changed their names. */
record QemuVersion(int major, int minor) {
  private static final Pattern LINE =
      Pattern.compile("QEMU emulator version (\\d{1,4})\\.(\\d{1,4})");
  private static final int OUTPUT_MAX = 4096;
  private static final long SECONDS_MAX = 10;

  /** A program that was replaced by an upgrade is another one. */
  private record Program(Path path, FileTime modified) {}

  // A host has one or two of them, so this stays small by itself.
  private static final Map<Program, QemuVersion> KNOWN = new HashMap<>();

  /** Asks {@code binary} once, about 30 ms. */
  static QemuVersion of(Path binary) throws IOException {
    Program program = new Program(binary, Files.getLastModifiedTime(binary));
    // Under one lock: who comes while another asks waits for that answer.
    synchronized (KNOWN) {
      QemuVersion known = KNOWN.get(program);
      if (known == null) {
        known = ask(binary);
        KNOWN.put(program, known);
      }
      return known;
    }
  }

  /** {@code -runas} is gone in 10.0; its successor came with 9.1. */
  boolean hasRunWithUser() {
    return major > 9 || (major == 9 && minor >= 1);
  }

  private static QemuVersion ask(Path binary) throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(binary.toString(), "--version").redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new MachineStartException(
          "cannot start "
              + binary
              + ": "
              + e.getMessage()
              + "; install qemu-system-x86 or name another program",
          e);
    }
    try {
      process.getOutputStream().close();
      String text =
          new String(process.getInputStream().readNBytes(OUTPUT_MAX), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new MachineStartException(
            binary + " --version did not end within " + SECONDS_MAX + " s");
      }
      Matcher line = LINE.matcher(text);
      if (!line.find()) {
        throw new MachineStartException(
            binary
                + " is no QEMU: asked for its version it ended with exit status "
                + process.exitValue()
                + " and said \""
                + text.strip()
                + "\"");
      }
      return new QemuVersion(Integer.parseInt(line.group(1)), Integer.parseInt(line.group(2)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineStartException("interrupted while asking " + binary + " for its version", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
