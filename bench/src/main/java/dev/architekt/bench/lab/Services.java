package dev.architekt.bench.lab;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Namespaces;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Waits for guests and processes. */
public final class Services {
  private static final int PATIENCE_MILLIS = 250;
  private static final long SERVICE_SECONDS = 120;
  private static final long IDLE_SECONDS = 60;
  private static final long LOOK_MILLIS = 200;
  // Clock ticks of 10 ms a look.
  private static final long IDLE_TICKS = 1;

  private Services() {}

  /**
   * Asks a line-based service at {@code address} from the client, each time on a connection of its
   * own, until it answers.
   *
   * @return when its first answer had come, by {@link System#nanoTime}
   */
  public static long await(Rig rig, String address, int port)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SERVICE_SECONDS);
    try (Fd client = Namespaces.network(rig.topology().client())) {
      while (true) {
        long answered =
            Namespaces.inNetwork(
                client, "bench-ask", () -> ask(new InetSocketAddress(address, port)));
        if (answered != 0) {
          return answered;
        }
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "no answer from " + address + ":" + port + " within " + SERVICE_SECONDS + " s");
        }
        Thread.sleep(2);
      }
    }
  }

  private static long ask(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(address, PATIENCE_MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() < 0 ? 0 : System.nanoTime();
    } catch (IOException e) {
      return 0; // not there yet
    }
  }

  /** Waits until process {@code pid} uses almost no processor time, at most a minute. */
  public static void awaitIdle(long pid) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
    long before = ticks(pid);
    while (System.nanoTime() < deadline) {
      Thread.sleep(LOOK_MILLIS);
      long now = ticks(pid);
      if (now - before <= IDLE_TICKS) {
        return;
      }
      before = now;
    }
  }

  private static long ticks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // utime, stime
  }

  /** A line of {@code /proc/pid/status} in kB, such as {@code VmRSS}. */
  public static long statusKib(long pid, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("/proc/" + pid + "/status has no " + name);
  }
}
