package dev.architekt.migration.wire;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;

/** One attempt to connect one lane. */
final class Dial {
  private final InetSocketAddress address;
  private final WireOptions options;
  private Transport transport;

  Dial(InetSocketAddress address, WireOptions options) {
    this.address = address;
    this.options = options;
  }

  /** The connected lane, after {@link #run}. */
  Transport transport() {
    return transport;
  }

  /** Connects, exchanges certificates, says HELLO; on failure nothing is left open. */
  Handshake.Welcome run(Hello hello) throws WireException {
    SocketChannel channel = open();
    transport = transport(channel);
    String stage = "connecting";
    Deadline limit = Deadline.after(options.handshakeTimeout(), transport::close);
    try (limit) {
      Sockets.prepare(channel, hello.lane());
      channel.connect(address);
      stage = "the handshake";
      transport.handshake();
      return greet(hello);
    } catch (IOException | UnresolvedAddressException e) {
      transport.close();
      throw failure(e, stage, limit.passed());
    }
  }

  private Handshake.Welcome greet(Hello hello) throws IOException {
    try {
      Handshake.sendHello(transport, hello);
    } catch (WireException e) {
      throw e;
    } catch (IOException e) {
      // It has hung up; and has said why before, perhaps.
      try {
        return Handshake.readReply(transport);
      } catch (TlsException why) {
        why.addSuppressed(e);
        throw why;
      } catch (IOException nothing) {
        throw e;
      }
    }
    return Handshake.readReply(transport);
  }

  private Transport transport(SocketChannel channel) throws TlsException {
    if (options.plainText().allowedWith(address)) {
      return new PlainTransport(channel);
    }
    return options
        .tls()
        .orElseThrow(() -> new TlsException(address + ": needs TLS, and this side has none"))
        .connect(channel);
  }

  private SocketChannel open() throws UnreachableException {
    try {
      return SocketChannel.open();
    } catch (IOException e) {
      throw new UnreachableException("no socket for " + address + ": " + e, e);
    }
  }

  private WireException failure(Exception e, String stage, boolean late) {
    if (late) {
      return new StalledException(
          address
              + " did not finish "
              + stage
              + " within "
              + options.handshakeTimeout().toMillis()
              + " ms",
          e);
    }
    return switch (e) {
      case WireException known -> known;
      case UnresolvedAddressException _ ->
          new UnreachableException("no address is known for the name " + address, e);
      case ConnectException _ ->
          new UnreachableException(
              address + ": " + e.getMessage() + ": is a peer running there?", e);
      case NoRouteToHostException _ -> new UnreachableException(address + ": no route to host", e);
      default ->
          new UnreachableException(
              address
                  + ": lost in "
                  + stage
                  + ": "
                  + e.getMessage()
                  + "; if this repeats: is it an Architekt peer, and do both sides use TLS (or"
                  + " both run with --insecure)?",
              e);
    };
  }
}
