package dev.architekt.migration.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Where connections may go without TLS. */
public enum PlainText {
  /** Nowhere: TLS always. */
  NEVER,
  /** Between processes of one host. */
  LOOPBACK,
  /** Everywhere. */
  ANYWHERE;

  boolean allowedWith(SocketAddress other) {
    return switch (this) {
      case NEVER -> false;
      case LOOPBACK -> isLoopback(other);
      case ANYWHERE -> true;
    };
  }

  private static boolean isLoopback(SocketAddress other) {
    InetAddress host = other instanceof InetSocketAddress address ? address.getAddress() : null;
    return host != null && host.isLoopbackAddress();
  }
}
