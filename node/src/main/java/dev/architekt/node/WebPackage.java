package dev.architekt.node;

import dev.architekt.archive.ArkReader;
import dev.architekt.migration.wire.Listener;
import dev.architekt.migration.wire.WireOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A package on a web server, offered over loopback: a registry of one's own, so that what comes
 * from the web takes the same way as what comes from a registry, and every chunk is checked against
 * its digest. It offers what the web server offers to everybody.
 */
public final class WebPackage implements AutoCloseable {
  private final ArkReader ark;
  private final Listener listener;

  private WebPackage(ArkReader ark, Listener listener) {
    this.ark = ark;
    this.listener = listener;
  }

  /** Opens the package at {@code url} and serves it until {@link #close}. */
  public static WebPackage open(String url) throws IOException {
    ArkReader ark = ArkReader.open(HttpRange.open(url), ArkReader.Checks.DIGESTS);
    try {
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      return new WebPackage(
          ark, Listener.open(any, wire(), Registry::judge, PackageService.of(ark)));
    } catch (IOException | RuntimeException e) {
      ark.close();
      throw e;
    }
  }

  /** Where this process finds it. */
  public InetSocketAddress address() throws IOException {
    return listener.address();
  }

  /** How to dial it: it never leaves this host. */
  public static WireOptions wire() {
    return WireOptions.of("web");
  }

  @Override
  public void close() throws IOException {
    listener.close();
    ark.close();
  }
}
