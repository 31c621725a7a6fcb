package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.MachineException;
import dev.architekt.hypervisor.MachineTimeoutException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/** The socket that device state goes through, in either direction; never a disk. */
final class StateChannel {
  static final String OUT = "state.sock";
  private static final String REHEARSAL = "rehearsal.sock";
  static final String IN = "io/incoming.sock";
  private static final int BUFFER = 256 << 10;
  private static final int REHEARSALS = 5;
  private static final Duration REHEARSAL_LIMIT = Duration.ofSeconds(2);

  private StateChannel() {}

  /** Waits for QEMU to connect and send. */
  static final class Outgoing implements AutoCloseable {
    private final String machine;
    private final RunFolder folder;
    private final String socket;
    private final ServerSocketChannel server;

    Outgoing(String machine, RunFolder folder, String socket) throws IOException {
      this.machine = machine;
      this.folder = folder;
      this.socket = socket;
      Files.deleteIfExists(folder.file(socket));
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        server.bind(folder.address(socket));
        Files.setPosixFilePermissions(
            folder.file(socket), PosixFilePermissions.fromString("rw-------"));
        folder.giveToQemu(folder.file(socket));
      } catch (IOException e) {
        close();
        throw e;
      }
    }

    /**
     * Copies what QEMU sends to {@code target}, to its end; {@code limit} is for each wait for
     * QEMU.
     */
    long copyTo(WritableByteChannel target, Duration limit) throws IOException {
      await(machine, server, SelectionKey.OP_ACCEPT, "connect to hand over its state", limit);
      long total = 0;
      try (SocketChannel source = server.accept();
          Selector selector = Selector.open()) {
        source.configureBlocking(false);
        source.register(selector, SelectionKey.OP_READ);
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        while (true) {
          int n = source.read(buffer);
          if (n == 0 && buffer.hasRemaining()) {
            if (selector.select(limit.toMillis()) == 0) {
              throw silent(machine, "send its state", limit);
            }
            selector.selectedKeys().clear();
            continue;
          }
          if (n < 0) {
            return total;
          }
          total += n;
          buffer.flip();
          while (buffer.hasRemaining()) {
            target.write(buffer);
          }
          buffer.clear();
        }
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      Files.deleteIfExists(folder.file(socket));
    }
  }

  /** Sends a state's worth of zeroes from this process to itself, a few times. */
  static void rehearse(String machine, RunFolder folder) throws IOException {
    for (int i = 0; i < REHEARSALS; i++) {
      try (Outgoing outgoing = new Outgoing(machine, folder, REHEARSAL)) {
        Thread sender =
            Thread.ofPlatform().daemon().name("rehearsal-state").start(() -> sendNothing(folder));
        outgoing.copyTo(Channels.newChannel(OutputStream.nullOutputStream()), REHEARSAL_LIMIT);
        sender.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void sendNothing(RunFolder folder) {
    try {
      copyFrom(
          Channels.newChannel(new ByteArrayInputStream(new byte[2 * BUFFER])),
          folder.address(REHEARSAL));
    } catch (IOException e) {
      // The receiving end notices, and a rehearsal may fail.
    }
  }

  /**
   * Copies {@code source} to its end into a waiting QEMU.
   *
   * @throws SourceException if the source failed; any other failure is QEMU's
   */
  static void copyFrom(ReadableByteChannel source, UnixDomainSocketAddress address)
      throws IOException {
    try (SocketChannel target = SocketChannel.open(address)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      while (read(source, buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          target.write(buffer);
        }
        buffer.clear();
      }
      target.shutdownOutput();
    }
  }

  private static int read(ReadableByteChannel source, ByteBuffer buffer) throws SourceException {
    try {
      return source.read(buffer);
    } catch (IOException e) {
      throw new SourceException(e);
    }
  }

  /** The other host's side of the state broke off. */
  static final class SourceException extends IOException {
    private static final long serialVersionUID = 1L;

    SourceException(IOException cause) {
      super("the state broke off: " + cause.getMessage(), cause);
    }
  }

  private static void await(
      String machine, SelectableChannel channel, int operation, String what, Duration limit)
      throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      channel.register(selector, operation);
      if (selector.select(limit.toMillis()) == 0) {
        throw silent(machine, what, limit);
      }
    }
    channel.configureBlocking(true);
  }

  private static MachineException silent(String machine, String what, Duration limit) {
    return new MachineTimeoutException(
        machine + ": QEMU did not " + what + " within " + limit.toMillis() + " ms");
  }
}
