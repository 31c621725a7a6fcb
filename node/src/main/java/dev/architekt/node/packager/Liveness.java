package dev.architekt.node.packager;

import dev.architekt.hypervisor.GuestAgent;
import dev.architekt.hypervisor.Machine;
import dev.architekt.node.instance.DataPlane;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether a guest serves: by its own word, which its liveness hooks decide, and by a command of
 * this host if there is one.
 */
final class Liveness {
  private static final String LIVE = "ARCHITEKT-LIVE";
  private static final String PROGRAM = "/usr/lib/architekt/liveness";
  private static final int CONSOLE_LINES = 30;
  private static final int OUTPUT_MAX = 500;
  private static final int CONNECT_MILLIS = 2000;

  private final PackagerOptions options;
  private final CountDownLatch stopAsked;

  /**
   * @param stopAsked ends every wait
   */
  Liveness(PackagerOptions options, CountDownLatch stopAsked) {
    this.options = options;
    this.stopAsked = stopAsked;
  }

  /** After a boot: the guest says it once, on its console. */
  void awaitBooted(DataPlane plane) throws IOException, InterruptedException {
    Machine machine = plane.machine();
    long end = System.nanoTime() + options.livenessTimeout().toNanos();
    while (!machine.consoleTail(200).contains(LIVE)) {
      if (!machine.isAlive()) {
        throw new IOException(
            "the VM ended before its service answered; the end of its console:\n"
                + machine.consoleTail(CONSOLE_LINES));
      }
      if (System.nanoTime() > end) {
        throw late("the service did not answer", machine);
      }
      pause();
    }
    awaitCommand(plane, end, () -> late("--liveness-command did not succeed", machine));
  }

  private IOException late(String what, Machine machine) {
    return new IOException(
        what
            + " within "
            + options.livenessTimeout().toSeconds()
            + " s (--liveness-timeout); no package was written. The end of the guest's console:\n"
            + machine.consoleTail(CONSOLE_LINES));
  }

  /** After a resume: the guest is asked, through its agent. */
  void requireResumed(DataPlane plane) throws IOException, InterruptedException {
    Duration limit = options.resumeTimeout();
    long end = System.nanoTime() + limit.toNanos();
    GuestAgent.Result said;
    try {
      said = plane.machine().agent().run(List.of(PROGRAM), limit);
    } catch (IOException e) {
      throw new IOException(
          "its services did not answer within "
              + limit.toSeconds()
              + " s (--resume-timeout): "
              + e.getMessage(),
          e);
    }
    if (said.exitStatus() != 0 || !said.out().contains(LIVE)) {
      throw new IOException(
          PROGRAM + " ended with status " + said.exitStatus() + ": " + said.err().strip());
    }
    awaitCommand(
        plane,
        end,
        () ->
            new IOException(
                "--liveness-command did not succeed within "
                    + limit.toSeconds()
                    + " s (--resume-timeout)"));
  }

  /** Connects to each TCP port, as a first client does; none need answer. */
  void touch(DataPlane plane, List<Integer> ports) {
    for (int port : ports) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(plane.claim().localAddress(), port), CONNECT_MILLIS);
      } catch (IOException e) {
        System.getLogger(Liveness.class.getName())
            .log(System.Logger.Level.DEBUG, "port {0}: {1}", port, e.getMessage());
      }
    }
  }

  private interface Late {
    IOException failure();
  }

  private void awaitCommand(DataPlane plane, long end, Late late)
      throws IOException, InterruptedException {
    if (options.livenessCommand().isEmpty()) {
      return;
    }
    Path log = plane.host().state().file("liveness-command.log");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", "-c", options.livenessCommand().get())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(log.toFile());
    builder.environment().put("ARCHITEKT_ADDRESS", plane.claim().localAddress().getHostAddress());
    while (true) {
      Process process = builder.start();
      try {
        if (!ended(process, end)) {
          throw withOutput(late.failure(), "it still ran, and had said", log);
        }
        if (process.exitValue() == 0) {
          return;
        }
        if (System.nanoTime() > end) {
          String status = "it ended with status " + process.exitValue() + " and said";
          throw withOutput(late.failure(), status, log);
        }
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      pause();
    }
  }

  private boolean ended(Process process, long end) throws InterruptedException {
    while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
      if (System.nanoTime() > end) {
        return false;
      }
      if (stopAsked.getCount() == 0) {
        throw new InterruptedException();
      }
    }
    return true;
  }

  private static IOException withOutput(IOException failure, String what, Path log)
      throws IOException {
    try (InputStream in = Files.newInputStream(log)) {
      String said = new String(in.readNBytes(OUTPUT_MAX), StandardCharsets.UTF_8).strip();
      return new IOException(failure.getMessage() + "; " + what + ": " + said, failure);
    }
  }

  private void pause() throws InterruptedException {
    if (stopAsked.await(100, TimeUnit.MILLISECONDS)) {
      throw new InterruptedException();
    }
  }
}
