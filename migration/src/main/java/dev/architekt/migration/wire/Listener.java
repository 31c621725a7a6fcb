package dev.architekt.migration.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Takes connections, and makes links of them.
 *
 * <p>Strangers cost little: at most {@link WireOptions#HANDSHAKES_MAX} handshakes go on at once,
 * each within the handshake's time limit; further connections wait in the kernel's queue meanwhile.
 */
public final class Listener implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final ServerSocketChannel server;
  private final WireOptions options;
  private final LinkAcceptor acceptor;
  private final Reception reception;
  private final Semaphore handshakes = new Semaphore(WireOptions.HANDSHAKES_MAX);
  private final Thread accepting =
      Thread.ofPlatform().daemon().name("wire-accept").unstarted(this::accept);

  private Listener(
      ServerSocketChannel server,
      WireOptions options,
      Authorizer authorizer,
      LinkAcceptor acceptor) {
    this.server = server;
    this.options = options;
    this.acceptor = acceptor;
    this.reception = new Reception(options, authorizer, acceptor);
  }

  /**
   * Listens; links come up on threads of their own. {@link LinkAcceptor#failed} is told about
   * everybody who was turned away.
   *
   * @param address port 0 for any free one
   * @throws IOException for example the port is taken; the message names the address
   */
  public static Listener open(
      InetSocketAddress address, WireOptions options, Authorizer authorizer, LinkAcceptor acceptor)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(address, BACKLOG);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw new IOException(
          "cannot listen on " + AddressText.of(address) + ": " + e.getMessage(), e);
    }
    Listener listener = new Listener(server, options, authorizer, acceptor);
    listener.accepting.start();
    return listener;
  }

  /** Where it listens. */
  public InetSocketAddress address() throws IOException {
    return (InetSocketAddress) server.getLocalAddress();
  }

  private void accept() {
    while (server.isOpen()) {
      handshakes.acquireUninterruptibly();
      try {
        SocketChannel channel = server.accept();
        Thread.ofVirtual().name("wire-handshake").start(() -> attend(channel));
      } catch (ClosedChannelException e) {
        handshakes.release();
        return;
      } catch (IOException e) {
        handshakes.release();
        pause(e);
      }
    }
  }

  /** Out of descriptors, for example: trying again at once would only burn time. */
  private void pause(IOException e) {
    acceptor.failed(new UnreachableException("accept: " + e, e), PAUSE_AFTER_FAILURE);
    try {
      Thread.sleep(PAUSE_AFTER_FAILURE);
    } catch (InterruptedException interrupted) {
      throw new AssertionError("nobody interrupts this thread", interrupted);
    }
  }

  private void attend(SocketChannel channel) {
    Transport transport = new PlainTransport(channel); // closes the channel until it is known
    Deadline limit = Deadline.after(options.handshakeTimeout(), transport::close);
    try (limit) {
      transport = Opening.of(channel, options);
      reception.receive(transport);
    } catch (IOException e) {
      transport.close();
      acceptor.failed(failure(e, limit.passed()), Duration.ZERO);
    } finally {
      handshakes.release();
    }
  }

  private WireException failure(IOException e, boolean late) {
    if (late) {
      return new StalledException(
          "somebody connected and did not finish the handshake within "
              + options.handshakeTimeout().toMillis()
              + " ms",
          e);
    }
    return e instanceof WireException known
        ? known
        : new NotAPeerException("connection lost in the handshake: " + e, e);
  }

  /**
   * Stops listening (the port is free afterwards) and ends all links. Does not wait for their ends.
   */
  @Override
  public void close() throws IOException {
    server.close();
    reception.close();
    try {
      // The kernel goes on taking connections until the thread has left accept(2).
      accepting.join(CLOSE_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
