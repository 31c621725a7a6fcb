package dev.architekt.testkit.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Builds a guest program and the overlay that runs it as the guest's service. Equal sources and
 * arguments make an equal overlay, so that a blueprint made with it stays up to date.
 */
public final class GuestPrograms {
  /** TCP port on which {@code memcheck} reports. */
  public static final int MEMCHECK_PORT = 7001;

  /** TCP port on which {@code burn} reports. */
  public static final int BURN_PORT = 7002;

  private static final long BUILD_SECONDS = 300;

  private GuestPrograms() {}

  /** The project's folder, looked for from the working directory upwards. */
  public static Path projectRoot() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("it/src/guest"))) {
        return folder;
      }
    }
    throw new IllegalStateException(
        "no folder above " + Path.of("").toAbsolutePath() + " holds it/src/guest");
  }

  /**
   * Builds {@code program} and fills {@code overlay} with it and its run script.
   *
   * @param program a folder of {@code it/src/guest}: memcheck or burn
   * @param arguments of the program, plain words
   * @throws IOException when there is no Go, or it refuses the program; the message says so
   */
  public static Path overlay(Path overlay, String program, String... arguments)
      throws IOException, InterruptedException {
    Path binary = overlay.resolve("usr/local/bin").resolve(program);
    Files.createDirectories(binary.getParent());
    build(program, binary);
    Path script = overlay.resolve("etc/architekt/services").resolve(program);
    Files.createDirectories(script.getParent());
    Files.write(
        script,
        List.of("#!/bin/sh", "exec /usr/local/bin/" + program + " " + String.join(" ", arguments)),
        StandardCharsets.UTF_8);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return overlay;
  }

  private static void build(String program, Path binary) throws IOException, InterruptedException {
    Path sources = projectRoot().resolve("it/src/guest");
    Path log = Files.createTempFile("architekt-go-", ".log");
    try {
      var builder =
          new ProcessBuilder(
                  go(),
                  "build",
                  "-trimpath",
                  "-buildvcs=false",
                  "-ldflags",
                  "-s -w",
                  "-o",
                  binary.toAbsolutePath().toString(),
                  "./" + program)
              .directory(sources.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("CGO_ENABLED", "0");
      builder.environment().put("GOARCH", "amd64");
      // The programs need no modules but Go's own, so nothing may be fetched.
      builder.environment().put("GOTOOLCHAIN", "local");
      builder.environment().put("GOFLAGS", "-mod=mod");
      builder.environment().put("GOPROXY", "off");
      Process process = builder.start();
      if (!process.waitFor(BUILD_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("go took more than " + BUILD_SECONDS + " s for " + program);
      }
      if (process.exitValue() != 0) {
        throw new IOException("go could not build " + program + ":\n" + Files.readString(log));
      }
    } finally {
      Files.deleteIfExists(log);
    }
  }

  private static String go() throws IOException {
    for (String path : List.of("/usr/local/go/bin/go", "/usr/bin/go")) {
      if (Files.isExecutable(Path.of(path))) {
        return path;
      }
    }
    throw new IOException(
        "guest programs are built with Go, and there is none; install it with: apt-get install golang-go");
  }
}
