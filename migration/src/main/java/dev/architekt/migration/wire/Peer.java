package dev.architekt.migration.wire;

import java.net.SocketAddress;
import java.util.Optional;

/**
 * Who is at the other end, as far as this side knows it by itself.
 *
 * @param address of the control lane's connection
 * @param identity what it calls itself in its handshake
 * @param certificate the subject of its certificate, proved by TLS; empty without TLS
 */
public record Peer(SocketAddress address, String identity, Optional<String> certificate) {
  @Override
  public String toString() {
    return identity + " at " + address + certificate.map(name -> " (" + name + ")").orElse("");
  }
}
