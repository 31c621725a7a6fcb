package dev.architekt.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A web server with byte ranges on one of the hosts. */
public final class Nginx implements AutoCloseable {
  private final Process process;

  private Nginx(Process process) {
    this.process = process;
  }

  /** Serves {@code folder} on port {@code port} of host {@code node}; to be kept by the rig. */
  public static Nginx start(Rig rig, int node, Path binary, Path folder, int port)
      throws IOException {
    Path work = Files.createDirectories(rig.folder().resolve("nginx-" + port));
    StringBuilder text = new StringBuilder("daemon off; master_process off; pid nginx.pid;\n");
    text.append("error_log error.log; events {}\nhttp { access_log off;\n");
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      text.append(kind).append("_temp_path ").append(kind).append(";\n");
    }
    text.append("server { listen ").append(port).append("; root ").append(folder).append("; } }\n");
    Path configuration = Files.writeString(work.resolve("nginx.conf"), text);
    List<String> command = rig.topology().enter(rig.topology().node(node));
    command.addAll(
        List.of(binary.toString(), "-p", work.toString(), "-c", configuration.toString()));
    return new Nginx(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("output.log").toFile())
            .start());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
