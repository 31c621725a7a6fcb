package dev.architekt.node;

import dev.architekt.migration.wire.Tls;
import dev.architekt.migration.wire.WireOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/** How this node's connections are made. */
public final class Wiring {
  /** Bulk connections of a session: two cores compress and two more wait for the network. */
  public static final int BULK_LANES = 2;

  /** Page bytes on the way. */
  public static final long WINDOW_BYTES = 16 << 20;

  private Wiring() {}

  public static WireOptions options(String identity, Optional<Path> tls) throws IOException {
    WireOptions options = WireOptions.of(identity.isEmpty() ? hostName() : identity);
    return tls.isPresent() ? options.withTls(Tls.fromDirectory(tls.get())) : options;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unnamed";
    }
  }
}
