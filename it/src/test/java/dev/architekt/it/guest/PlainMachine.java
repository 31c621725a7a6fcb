package dev.architekt.it.guest;

import dev.architekt.node.blueprint.Blueprint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A guest under QEMU alone, nothing of ours around it: software emulation, QEMU's own user-mode
 * network with ports forwarded, RAM in an ordinary file. What works here and not under the product
 * is the product's fault.
 */
final class PlainMachine implements AutoCloseable {
  private final Path folder;
  private final Process process;
  private final Map<Integer, Integer> forwarded = new HashMap<>();
  private final long started = System.nanoTime();

  /**
   * @param folder for the disk's copy, RAM, sockets and console; emptied by nobody
   * @param guestPorts TCP ports to reach from this host
   */
  PlainMachine(Blueprint blueprint, Path folder, int memoryMiB, int... guestPorts)
      throws IOException, InterruptedException {
    this.folder = folder;
    Process copy =
        new ProcessBuilder("cp", "--sparse=always", blueprint.disk().toString(), disk().toString())
            .inheritIO()
            .start();
    if (copy.waitFor() != 0) {
      throw new IOException("could not copy " + blueprint.disk());
    }
    // The inner network has room for two addresses; QEMU's own needs a few more of its own.
    var network = new StringBuilder("user,id=net,net=172.100.100.0/24,host=172.100.100.1");
    for (int port : guestPorts) {
      int free = freePort();
      forwarded.put(port, free);
      network.append(",hostfwd=tcp:127.0.0.1:" + free + "-172.100.100.2:" + port);
    }
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of("qemu-system-x86_64", "-accel", "tcg", "-M", "pc-q35-7.2,memory-backend=ram"));
    command.addAll(List.of("-cpu", "qemu64", "-m", memoryMiB + "", "-nodefaults", "-no-reboot"));
    command.addAll(List.of("-display", "none"));
    command.addAll(
        List.of(
            "-object",
            "memory-backend-file,id=ram,share=on,size=" + memoryMiB + "M,mem-path=" + ram()));
    command.addAll(List.of("-kernel", blueprint.kernel().toString()));
    command.addAll(List.of("-initrd", blueprint.initramfs().toString()));
    command.addAll(List.of("-append", blueprint.manifest().commandLine()));
    command.addAll(List.of("-drive", "file=" + disk() + ",format=raw,if=none,id=disk"));
    command.addAll(List.of("-device", "virtio-blk-pci,drive=disk"));
    command.addAll(List.of("-netdev", network.toString()));
    command.addAll(List.of("-device", "virtio-net-pci,netdev=net,romfile="));
    command.addAll(List.of("-object", "rng-random,id=random,filename=/dev/urandom"));
    command.addAll(List.of("-device", "virtio-rng-pci,rng=random", "-device", "virtio-serial-pci"));
    channel(command, "agent", "org.qemu.guest_agent.0");
    channel(command, "live", "architekt.liveness");
    command.addAll(List.of("-serial", "file:" + folder.resolve("console")));
    process =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("qemu.log").toFile())
            .start();
  }

  private void channel(List<String> command, String id, String name) {
    command.addAll(
        List.of(
            "-chardev", "socket,id=" + id + ",path=" + folder.resolve(id) + ",server=on,wait=off"));
    command.addAll(List.of("-device", "virtserialport,chardev=" + id + ",name=" + name));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  Path ram() {
    return folder.resolve("ram");
  }

  Path disk() {
    return folder.resolve("disk");
  }

  String console() throws IOException {
    Path file = folder.resolve("console");
    return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
  }

  InetSocketAddress address(int guestPort) {
    return new InetSocketAddress("127.0.0.1", forwarded.get(guestPort));
  }

  long millisSinceStart() {
    return (System.nanoTime() - started) / 1_000_000;
  }

  /** Asks again and again, with a connection each, until a line comes back. */
  String awaitAnswer(int guestPort, String question, long seconds)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < deadline) {
      if (!process.isAlive()) {
        throw new IOException("QEMU ended: " + Files.readString(folder.resolve("qemu.log")));
      }
      try {
        return ask(guestPort, question);
      } catch (IOException e) {
        Thread.sleep(50); // Not there yet; QEMU takes the connection before the guest does.
      }
    }
    throw new IOException("no answer within " + seconds + " s; the console says:\n" + console());
  }

  String ask(int guestPort, String question) throws IOException {
    try (var socket = new Socket()) {
      socket.setSoTimeout(2_000);
      socket.connect(address(guestPort), 1_000);
      socket.getOutputStream().write((question + "\r\n").getBytes(StandardCharsets.US_ASCII));
      StringBuilder line = new StringBuilder();
      for (int b = socket.getInputStream().read(); b != '\n'; b = socket.getInputStream().read()) {
        if (b < 0) {
          throw new IOException("closed before a whole line came");
        }
        line.append((char) b);
      }
      return line.toString().strip();
    }
  }

  /** Reads from one of the guest's serial ports until the text came. */
  String read(String port, String text, long seconds) throws IOException, InterruptedException {
    try (var channel = connect(port)) {
      return read(channel, text, seconds);
    }
  }

  /** One command to the guest's agent and its answer. */
  String agent(String command) throws IOException, InterruptedException {
    try (var channel = connect("agent")) {
      channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
      return read(channel, "\n", 20);
    }
  }

  private SocketChannel connect(String port) throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(folder.resolve(port)));
    channel.configureBlocking(false);
    return channel;
  }

  private String read(SocketChannel channel, String text, long seconds)
      throws IOException, InterruptedException {
    var buffer = ByteBuffer.allocate(64 * 1024);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < deadline) {
      channel.read(buffer);
      String so = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
      if (so.contains(text)) {
        return so;
      }
      Thread.sleep(5);
    }
    throw new IOException("the guest did not say '" + text + "' within " + seconds + " s");
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }
}
