package dev.architekt.mount;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for one of the test's main classes, spoken to in lines. */
final class Child implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final Writer in;

  private Child(Process process) {
    this.process = process;
    this.out = process.inputReader();
    this.in = process.outputWriter();
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
          start(
              MountUser.class, "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.number());
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
    return out.readLine();
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
        .start(
            () -> {
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
