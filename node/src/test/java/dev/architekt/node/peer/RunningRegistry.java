package dev.architekt.node.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.node.Output;
import dev.architekt.node.Registry;
import dev.architekt.node.identity.Security;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A registry on loopback, for one test. */
final class RunningRegistry implements AutoCloseable {
  private final Registry registry;
  private final Thread serving;
  private final int port;

  RunningRegistry(Path path) throws Exception {
    PipedOutputStream told = new PipedOutputStream();
    BufferedReader events =
        new BufferedReader(
            new InputStreamReader(new PipedInputStream(told, 1 << 20), StandardCharsets.UTF_8));
    registry =
        new Registry(
            path,
            "127.0.0.1:0",
            Security.Options.USUAL,
            false,
            new Output(
                new PrintStream((OutputStream) told, true, StandardCharsets.UTF_8), true, false));
    serving =
        Thread.ofPlatform()
            .start(() -> {
              try {
                registry.run();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    port = new ObjectMapper().readTree(events.readLine()).path("port").asInt();
  }

  InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  @Override
  public void close() throws Exception {
    registry.stop();
    serving.join();
  }
}
