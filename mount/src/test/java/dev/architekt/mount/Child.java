package dev.architekt.mount;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for one of the test's main classes, spoken to in lines. */
final class Child implements AutoCloseable {
  private static final long ANSWER_SECONDS = 30;

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Writer in;

  private Child(Process process) {
    this.process = process;
    this.in = process.outputWriter();
    // A thread of its own, so that a child that hangs in the kernel cannot hang the test.
    Thread.ofPlatform().daemon().start(this::pump);
  }

  private void pump() {
    try {
      process.inputReader().lines().forEach(lines::add);
    } catch (UncheckedIOException e) {
      // The child was closed while this thread was reading; nobody waits for its lines any more.
    }
  }

  static Child start(Class<?> main, String... arguments) throws IOException {
    Path base = Path.of(System.getProperty("basedir", System.getProperty("user.dir")));
    String classes =
        String.join(
            ":",
            base.resolve("target/test-classes").toString(),
            base.resolve("target/classes").toString(),
            base.resolveSibling("linux/target/classes").toString(),
            base.resolveSibling("region/target/classes").toString());
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes,
                main.getName()));
    command.addAll(List.of(arguments));
    Child child =
        new Child(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    return child;
  }

  /** A child that has the mounted file open. */
  static Child using(FuseMount mount) throws IOException {
    try (var file = mount.openFile()) {
      Child child =
          start(MountUser.class, "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.number());
      if (!"ready".equals(child.line())) {
        throw new IOException("the child did not start");
      }
      return child;
    }
  }

  long pid() {
    return process.pid();
  }

  /** The next line of its output. */
  String line() throws IOException {
    try {
      String line = lines.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new IOException("the child says nothing for " + ANSWER_SECONDS + " s");
      }
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  void send(String command) throws IOException {
    in.write(command + "\n");
    in.flush();
  }

  String ask(String command) throws IOException {
    send(command);
    return line();
  }

  /** Asks, and does not wait for the answer. */
  CompletableFuture<String> askLater(String command) throws IOException {
    send(command);
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            answer.complete(line());
          } catch (IOException e) {
            answer.completeExceptionally(new UncheckedIOException(e));
          }
        });
    return answer;
  }

  void kill() {
    process.destroyForcibly();
  }

  boolean awaitEnd(long seconds) throws InterruptedException {
    return process.waitFor(seconds, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
