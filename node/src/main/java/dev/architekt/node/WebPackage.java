package dev.architekt.node;

import dev.architekt.archive.ArkReader;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A package on a web server, offered over loopback: a registry of one's own, so that what comes
 * from the web takes the same way as what comes from a registry, and every chunk is checked against
 * its digest. It offers it to this user alone.
 */
public final class WebPackage implements AutoCloseable {
  private final ArkReader ark;
  private final LocalPackage local;

  private WebPackage(ArkReader ark, LocalPackage local) {
    this.ark = ark;
    this.local = local;
  }

  /** Opens the package at {@code url} and serves it until {@link #close}. */
  public static WebPackage open(String url) throws IOException {
    return serve(ArkReader.open(HttpRange.open(url), ArkReader.Checks.DIGESTS));
  }

  /** As above, of a package in a file of this host. */
  public static WebPackage open(Path file) throws IOException {
    return serve(ArkReader.open(file));
  }

  private static WebPackage serve(ArkReader ark) throws IOException {
    try {
      return new WebPackage(ark, LocalPackage.open(PackageService.of(ark)));
    } catch (IOException | RuntimeException e) {
      ark.close();
      throw e;
    }
  }

  /** How this process reaches it. */
  public LocalPackage local() {
    return local;
  }

  @Override
  public void close() throws IOException {
    local.close();
    ark.close();
  }
}
