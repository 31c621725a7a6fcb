package dev.architekt.bench.guest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.bench.lab.Rig;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Namespaces;
import dev.architekt.probe.ProbeProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** How fast a guest works, seen from outside. */
interface Gauge {
  /** A run begins. */
  void begin() throws IOException, InterruptedException;

  /** What was done a second since {@link #begin}. */
  double rate() throws IOException, InterruptedException;

  /** Writes that Redis acknowledges to ten connections which ask as fast as they can. */
  static Gauge redis(Rig rig, String address) throws IOException, InterruptedException {
    ProbeProcess load = rig.probe(false, "load", "L2", address + ":6379", "1");
    ObjectMapper json = new ObjectMapper();
    return new Gauge() {
      @Override
      public void begin() throws IOException, InterruptedException {
        load.mark("run");
      }

      @Override
      public double rate() throws IOException, InterruptedException {
        return json.readTree(load.mark("rest")).path("answersPerSecond").asDouble();
      }
    };
  }

  /** Iterations of the guest program that answers on {@code port}, by this host's clock. */
  static Gauge burn(Rig rig, String address, int port) throws IOException {
    Socket socket;
    try (Fd client = Namespaces.network(rig.topology().client())) {
      socket =
          Namespaces.inNetwork(
              client,
              "bench-gauge",
              () -> {
                Socket made = new Socket();
                made.setTcpNoDelay(true);
                made.connect(new InetSocketAddress(address, port), 20_000);
                return made;
              });
    }
    rig.keep(socket);
    socket.setSoTimeout(20_000);
    return new Burn(socket);
  }

  /** Counts by asking before and after. */
  final class Burn implements Gauge {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Socket socket;
    private final BufferedReader in;
    private long iterations;
    private long at;

    private Burn(Socket socket) throws IOException {
      this.socket = socket;
      this.in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private long ask() throws IOException {
      socket.getOutputStream().write('\n');
      String line = in.readLine();
      if (line == null) {
        throw new IOException("the guest's program closed its connection");
      }
      return JSON.readTree(line).path("iterations").asLong();
    }

    @Override
    public void begin() throws IOException {
      iterations = ask();
      at = System.nanoTime();
    }

    @Override
    public double rate() throws IOException {
      long done = ask() - iterations;
      return done * 1e9 / (System.nanoTime() - at);
    }
  }
}
