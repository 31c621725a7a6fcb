package dev.architekt.node.peer;

import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Who a node is to others: a number made once and kept in its state directory. */
final class NodeIdentity {
  private NodeIdentity() {}

  static UUID of(StateDirectory state) throws IOException {
    var known = state.read("node-id");
    if (known.isPresent()) {
      try {
        return UUID.fromString(new String(known.get(), StandardCharsets.UTF_8).strip());
      } catch (IllegalArgumentException e) {
        throw new IOException(
            state.file("node-id") + " is damaged; delete it if no migration is in progress", e);
      }
    }
    UUID fresh = UUID.randomUUID();
    state.write("node-id", fresh.toString().getBytes(StandardCharsets.UTF_8));
    return fresh;
  }
}
