package dev.architekt.migration.wire;

import java.net.SocketAddress;
import java.util.Optional;

/**
 * Who is at the other end, as far as this side knows it by itself.
 *
 * @param address of the control lane's connection
 * @param identity what it calls itself in its handshake
 * @param proof what it has proved by TLS; empty without TLS, and for a dialler without certificate
 */
public record Peer(SocketAddress address, String identity, Optional<Proof> proof) {
  @Override
  public String toString() {
    return identity + " at " + address + proof.map(shown -> " (" + shown + ")").orElse("");
  }
}
