package dev.architekt.it.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.cli.lab.Line;
import dev.architekt.cli.lab.Topology;
import dev.architekt.cli.lab.link.LinkShape;
import dev.architekt.cli.lab.link.Relay;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Namespaces;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A line of the demo is as long, as slow and as lossy as it says. */
@Tag("kernel")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LineKernelTest {
  private static final LinkShape SHAPE = LinkShape.parse("40ms,20mbit,2%");
  private static final int BYTES = 800_000;

  private Topology topology;
  private Relay relay;
  private Thread carrier;

  @BeforeEach
  void lay() throws Exception {
    topology =
        new Topology("it-line", Optional.of(new Line(SHAPE, Optional.of("cubic"))), command -> {});
    topology.build();
    try (Fd place = network(topology.switchName())) {
      relay = Namespaces.inNetwork(place, "it-relay", () -> new Relay("near", "far", SHAPE, 1));
    }
    carrier = Thread.ofPlatform().name("it-relay").start(this::carry);
  }

  private void carry() {
    try {
      relay.run();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void remove() throws Exception {
    if (relay != null) {
      relay.end();
      carrier.join();
      relay.close();
    }
    topology.close();
  }

  @Test
  void delaysAndLosesWhatItSays() throws Exception {
    Echoes far = echoes(2, 500);
    assertThat(far.leastMs()).as("least round trip to node-2").isBetween(40.0, 46.0);
    // 2 % each way: 480 of 500 come back on average; the bounds are five standard deviations.
    assertThat(far.received()).as("echoes of 500").isBetween(458, 499);
    Echoes near = echoes(1, 20);
    assertThat(near.leastMs()).as("least round trip to node-1").isLessThan(10);
    assertThat(near.received()).isEqualTo(20);
    relay.end();
    carrier.join();
    assertThat(relay.counts().overrun()).isZero();
    assertThat(relay.counts().lost()).isBetween(1L, 60L);
  }

  @Test
  void isNoFasterThanItSays() throws Exception {
    try (Fd there = network(topology.node(2));
        Fd here = network(topology.node(1));
        ServerSocket server =
            Namespaces.inNetwork(
                there,
                "it-server",
                () -> new ServerSocket(7000, 1, InetAddress.getByName("10.77.0.2")))) {
      Thread.ofPlatform().daemon().name("it-sink").start(() -> drain(server));
      try (Socket socket =
          Namespaces.inNetwork(
              here,
              "it-client",
              () -> {
                Socket made = new Socket();
                made.connect(new InetSocketAddress("10.77.0.2", 7000), 5000);
                return made;
              })) {
        long began = System.nanoTime();
        OutputStream out = socket.getOutputStream();
        out.write(new byte[BYTES]);
        socket.shutdownOutput();
        assertThat(socket.getInputStream().read()).isEqualTo(1);
        double megabits = BYTES * 8e3 / (System.nanoTime() - began);
        assertThat(megabits).as("Mbit/s through a line of 20").isBetween(0.5, 20.5);
      }
    }
  }

  private static void drain(ServerSocket server) {
    try (Socket socket = server.accept();
        InputStream in = socket.getInputStream()) {
      in.readAllBytes();
      socket.getOutputStream().write(1);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Fd network(String namespace) throws IOException {
    return Namespaces.network(namespace);
  }

  private record Echoes(int received, double leastMs) {}

  /** Datagrams from the client to a node and back, one every 2 ms. */
  private Echoes echoes(int node, int count) throws Exception {
    InetAddress address = InetAddress.getByName(topology.nodeAddress(node));
    try (Fd there = network(topology.node(node));
        Fd here = network(topology.client());
        DatagramSocket server =
            Namespaces.inNetwork(there, "it-echo", () -> new DatagramSocket(7000, address));
        DatagramSocket client =
            Namespaces.inNetwork(here, "it-asker", () -> new DatagramSocket(0))) {
      Thread echo = Thread.ofPlatform().daemon().name("it-echo").start(() -> echo(server));
      Thread sender =
          Thread.ofPlatform()
              .daemon()
              .name("it-asker")
              .start(() -> ask(client, new InetSocketAddress(address, 7000), count));
      client.setSoTimeout(1000);
      int received = 0;
      long least = Long.MAX_VALUE;
      DatagramPacket answer = new DatagramPacket(new byte[8], 8);
      try {
        while (received < count) {
          client.receive(answer);
          received++;
          long sent = ByteBuffer.wrap(answer.getData()).getLong();
          least = Math.min(least, System.nanoTime() - sent);
        }
      } catch (SocketTimeoutException e) {
        assertThat(received).as("echoes before a second of silence").isPositive();
      }
      sender.join();
      server.close();
      echo.join();
      return new Echoes(received, least / 1e6);
    }
  }

  private static void ask(DatagramSocket socket, InetSocketAddress to, int count) {
    try {
      for (int i = 0; i < count; i++) {
        byte[] now = ByteBuffer.allocate(8).putLong(System.nanoTime()).array();
        socket.send(new DatagramPacket(now, 8, to));
        TimeUnit.MILLISECONDS.sleep(2); // a schedule, so that a burst does not meet the rate
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void echo(DatagramSocket socket) {
    try {
      DatagramPacket packet = new DatagramPacket(new byte[8], 8);
      while (true) {
        socket.receive(packet);
        socket.send(packet);
      }
    } catch (IOException e) {
      return; // closed: the test has seen enough
    }
  }
}
