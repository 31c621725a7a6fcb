package dev.architekt.node;

import dev.architekt.archive.ArkReader;
import dev.architekt.migration.wire.Authorizer;
import dev.architekt.migration.wire.Listener;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.Right;
import dev.architekt.node.identity.Security;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Serves the package in a file, or all those of a folder, read-only: every chunk on demand, checked
 * against its digest as it is read.
 */
public final class Registry {
  private static final long SWEEP_SECONDS = 5;

  private final Path path;
  private final String laddr;
  private final Security.Options protection;
  private final boolean open;
  private final Output output;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * Nothing is done before {@link #run}.
   *
   * @param open whether everybody may describe and read, strangers too
   */
  public Registry(
      Path path, String laddr, Security.Options protection, boolean open, Output output) {
    this.path = path;
    this.laddr = laddr;
    this.protection = protection;
    this.open = open;
    this.output = output;
  }

  /** Serves until {@link #stop} or the process's end; the exit status. */
  public int run() throws IOException, InterruptedException {
    InetSocketAddress address = Addresses.local("--laddr", laddr);
    Shelf shelf = new Shelf(path);
    String what = shelf.isFolder() ? folder(shelf) : file();
    Security security =
        Security.open(
            protection, !Addresses.isLoopback(address), open, InstantSource.system(), output);
    ShelfService service = new ShelfService(shelf, security, output, ShelfService.LINGER);
    try (Listener listener = Listener.open(address, security.wire("registry"), service, service)) {
      security.sayListening(
          output,
          "serving " + what + " on " + Addresses.text(listener.address()),
          "Ctrl-C ends it",
          listener.address(),
          "packages",
          shelf.names());
      while (!stopped.await(SWEEP_SECONDS, TimeUnit.SECONDS)) {
        service.sweep();
      }
      return 0;
    }
  }

  /** A file that is no package is found out now rather than by whoever asks for it. */
  private String file() throws IOException {
    try (ArkReader ark = ArkReader.open(path)) {
      return path + " (" + ark.manifest().name() + ")";
    }
  }

  private String folder(Shelf shelf) throws IOException {
    List<String> names = shelf.names();
    return "the packages in "
        + path
        + " ("
        + (names.isEmpty() ? "none yet" : String.join(", ", names))
        + ")";
  }

  public void stop() {
    stopped.countDown();
  }

  /** A package can be read by whom {@code security} lets; it gives nobody any authority. */
  static Authorizer.Verdict judge(
      Security security,
      dev.architekt.migration.wire.Hello hello,
      dev.architekt.migration.wire.Peer peer) {
    return hello.right() == Right.READ || hello.right() == Right.DESCRIBE
        ? security.judge(hello, peer)
        : new Authorizer.Verdict.Refuse(
            Refusal.NOT_AUTHORIZED,
            "this is a registry: a package can be read here; there is no running VM to take over");
  }
}
