package dev.architekt.node;

import dev.architekt.migration.wire.AddressText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;

/** {@code HOST:PORT} as people type it. */
public final class Addresses {
  private Addresses() {}

  /** An address to dial; what follows a slash is no part of it (see {@link #subject}). */
  public static InetSocketAddress remote(String option, String text) throws UnknownHostException {
    int slash = text.indexOf('/');
    InetSocketAddress address =
        split(option, slash < 0 ? text : text.substring(0, slash), "localhost");
    if (address.isUnresolved()) {
      throw new UnknownHostException(
          option + " " + text + ": no such host \"" + address.getHostString() + "\"");
    }
    return address;
  }

  /** What is wanted there, as in {@code HOST:PORT/NAME}; empty when nothing is said. */
  public static String subject(String text) {
    int slash = text.indexOf('/');
    return slash < 0 ? "" : text.substring(slash + 1);
  }

  /** An address to listen on; without a host every address of this host. */
  public static InetSocketAddress local(String option, String text) throws UnknownHostException {
    InetSocketAddress address = split(option, text, "");
    return address.getHostString().isEmpty()
        ? new InetSocketAddress(address.getPort())
        : remote(option, text);
  }

  /**
   * Fails if {@code address} cannot be listened on now, which is better known before anything has
   * been done than afterwards.
   */
  public static void requireFree(String option, InetSocketAddress address) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(address);
    } catch (IOException e) {
      throw new IOException(
          option
              + " "
              + text(address)
              + ": cannot listen there: "
              + e.getMessage()
              + "; name another port, or end who has it (ss -ltnp shows it)",
          e);
    }
  }

  private static InetSocketAddress split(String option, String text, String defaultHost)
      throws UnknownHostException {
    int colon = text.lastIndexOf(':');
    int port = -1;
    if (colon >= 0) {
      try {
        port = Integer.parseInt(text.substring(colon + 1));
      } catch (NumberFormatException e) {
        port = -1;
      }
    }
    if (port < 0 || port > 65535) {
      throw new UnknownHostException(
          option
              + " "
              + text
              + ": expected HOST:PORT with a port of 0 to 65535, such as localhost:1338");
    }
    String host = text.substring(0, colon);
    if (host.isEmpty()) {
      host = defaultHost;
    }
    return host.isEmpty()
        ? InetSocketAddress.createUnresolved("", port)
        : new InetSocketAddress(host, port);
  }

  /** As people type it: without a host where it means all of this host's. */
  public static String text(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    boolean all = host == null || host.isAnyLocalAddress();
    return all ? ":" + address.getPort() : AddressText.of(address);
  }

  /**
   * Whether anything between {@code laddr}, where something listens, and {@code raddr}, HOST:PORT
   * or a URL or nothing, may leave this host by this project's protocol.
   */
  public static boolean leaveHost(Optional<InetSocketAddress> laddr, Optional<String> raddr)
      throws UnknownHostException {
    boolean near =
        raddr.isPresent()
            && (raddr.get().startsWith("file:")
                || HttpRange.isOne(raddr.get())
                || isLoopback(remote("--raddr", raddr.get())));
    return !near || laddr.isPresent() && !isLoopback(laddr.get());
  }

  /** Whether traffic to it stays on this host. */
  public static boolean isLoopback(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    return host != null && host.isLoopbackAddress();
  }
}
