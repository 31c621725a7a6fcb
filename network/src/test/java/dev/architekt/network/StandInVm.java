package dev.architekt.network;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Tun;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A guest without a machine: a namespace with the guest's address and real sockets, whose interface
 * is wired to a claim's tap frame by frame, as QEMU does, and can be wired to another one: that is
 * its migration. Its "state" is the kernel's, and does not stop with it.
 */
final class StandInVm implements AutoCloseable {
  static final int PORT = 6379;
  private static final long TUNSETOFFLOAD = 0x400454d0L;
  private static final long CSUM_AND_TSO4 = 3;

  private final Fd namespace;
  private final Fd wire;
  private final MemorySegment inward = Arena.ofAuto().allocate(70_000);
  private final MemorySegment outward = Arena.ofAuto().allocate(70_000);
  private volatile Fd tap;
  private volatile boolean closed;
  private final Thread[] threads;

  StandInVm(Lab lab, String name, VmNetwork network) throws IOException {
    namespace = lab.create(name);
    wire =
        Lab.in(
            namespace,
            () -> {
              Fd fd = Tun.openTap("eth0");
              Lab.ip(
                  "link set lo up",
                  "link set eth0 address %s txqueuelen 20000".formatted(network.guestMac()),
                  "address add %s/30 dev eth0".formatted(network.guest().getHostAddress()),
                  "link set eth0 up",
                  "route add default via " + network.gateway().getHostAddress());
              return fd;
            });
    likeModernDriver(wire);
    threads =
        new Thread[] {
          Thread.ofPlatform().name("vm-in").start(() -> pump(true)),
          Thread.ofPlatform().name("vm-out").start(() -> pump(false))
        };
  }

  Fd namespace() {
    return namespace;
  }

  /** What QEMU does to its tap when its state is loaded and before it reads. */
  static void likeModernDriver(Fd tap) throws LinuxException {
    Tun.setVnetHeaderSize(tap, 12);
    tap.ioctl(TUNSETOFFLOAD, MemorySegment.ofAddress(CSUM_AND_TSO4));
  }

  void runAt(TapPort port) throws IOException {
    likeModernDriver(port.fd());
    synchronized (inward) {
      synchronized (outward) {
        tap = port.fd();
      }
    }
  }

  void stop() {
    synchronized (inward) {
      synchronized (outward) {
        tap = null;
      }
    }
  }

  private void pump(boolean in) {
    MemorySegment buffer = in ? inward : outward;
    try {
      while (!closed) {
        boolean moved;
        synchronized (buffer) {
          Fd now = tap;
          moved = now != null && move(in ? now : wire, in ? wire : now, buffer);
        }
        if (!moved) {
          Thread.sleep(0, 100_000);
        }
      }
    } catch (IOException e) {
      if (!closed) {
        throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean move(Fd from, Fd to, MemorySegment buffer) throws IOException {
    long length;
    try {
      length = from.read(buffer);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return false;
      }
      throw e;
    }
    try {
      to.write(buffer.asSlice(0, length));
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINVAL) { // a frame of nonsense: dropped, as a device does
        throw e;
      }
    }
    return true;
  }

  /** Answers every datagram, and every connection byte by byte, until closed. */
  void serveEcho() throws IOException {
    DatagramChannel udp = Lab.in(namespace, DatagramChannel::open);
    udp.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 4 << 20);
    udp.bind(new java.net.InetSocketAddress("0.0.0.0", PORT));
    ServerSocketChannel tcp = Lab.in(namespace, ServerSocketChannel::open);
    tcp.bind(new java.net.InetSocketAddress("0.0.0.0", PORT));
    daemon("echo-udp", () -> echoDatagrams(udp));
    daemon(
        "echo-tcp",
        () -> {
          while (true) {
            SocketChannel client = tcp.accept();
            daemon("echo-tcp-client", () -> echoStream(client));
          }
        });
  }

  private static void echoDatagrams(DatagramChannel udp) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(2048);
    while (true) {
      buffer.clear();
      var from = udp.receive(buffer);
      udp.send(buffer.flip(), from);
    }
  }

  private static void echoStream(SocketChannel client) throws IOException {
    try (client) {
      client.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer buffer = ByteBuffer.allocate(65_536);
      while (client.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          client.write(buffer);
        }
      }
    }
  }

  interface Work {
    void run() throws IOException;
  }

  static void daemon(String name, Work work) {
    Thread.ofPlatform()
        .name(name)
        .daemon(true)
        .start(() -> {
          try {
            work.run();
          } catch (IOException e) {
            // The other end is gone; the test judges by what arrived.
          }
        });
  }

  @Override
  public void close() throws IOException {
    closed = true;
    for (Thread thread : threads) {
      try {
        thread.join(5000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    wire.close();
  }
}
