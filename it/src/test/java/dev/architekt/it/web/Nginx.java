package dev.architekt.it.web;

import dev.architekt.cli.lab.Shell;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real nginx that serves one folder with nothing configured but the folder and the port. */
public final class Nginx implements AutoCloseable {
  private final Process process;
  private final Path log;

  private Nginx(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it; it is there when this returns.
   *
   * @param enter words before the command, such as those that enter a namespace
   * @param work an empty folder of its own
   * @param folder is served below {@code /}
   */
  public static Nginx start(List<String> enter, Path work, Path folder, int port)
      throws IOException, InterruptedException {
    String script = GuestPrograms.projectRoot().resolve("scripts/nginx.sh").toString();
    String binary = Shell.run(Duration.ofMinutes(3), List.of(script)).lines().toList().getLast();
    Files.createDirectories(work.resolve("logs"));
    Path configuration = work.resolve("nginx.conf");
    StringBuilder text = new StringBuilder("daemon off; master_process off; pid nginx.pid;\n");
    text.append("error_log logs/error.log; events {}\nhttp { access_log off;\n");
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      text.append(kind).append("_temp_path ").append(kind).append(";\n");
    }
    text.append("server { listen ").append(port).append("; root ").append(folder).append("; } }\n");
    Files.writeString(configuration, text);
    List<String> command = new ArrayList<>(enter);
    command.addAll(List.of(binary, "-p", work.toString(), "-c", configuration.toString()));
    Path log = work.resolve("output.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Nginx nginx = new Nginx(process, log);
    List<String> ask = new ArrayList<>(enter);
    ask.addAll(List.of("bash", "-c", ": </dev/tcp/127.0.0.1/" + port));
    try {
      nginx.await(ask);
      return nginx;
    } catch (IOException | InterruptedException e) {
      nginx.close();
      throw e;
    }
  }

  private void await(List<String> ask) throws IOException, InterruptedException {
    for (int i = 0; i < 100; i++) {
      if (!process.isAlive()) {
        throw new IOException("nginx ended: " + Files.readString(log));
      }
      if (Shell.attempt(Duration.ofSeconds(5), ask).status() == 0) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IOException("nginx does not listen: " + Files.readString(log));
  }

  /** Whether something answers on a port of this host. */
  static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
  }
}
