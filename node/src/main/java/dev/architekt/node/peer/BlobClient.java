package dev.architekt.node.peer;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.PageSink;
import dev.architekt.migration.wire.RemotePages;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Addresses;
import dev.architekt.node.HttpRange;
import dev.architekt.node.LocalPackage;
import dev.architekt.node.WebPackage;
import dev.architekt.node.instance.Blobs;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Reads what another node offers to readers: a package whole, or a running instance's kernel. */
final class BlobClient implements AutoCloseable {
  /** How an absolute path begins where an address could stand. */
  static final String FILE = "file:";

  private static final long WONDER_MILLIS = 1000;

  private final String origin;
  private final long seconds;
  private final Map<Integer, BlobFetch> blobs = new ConcurrentHashMap<>();
  private final RemotePages remote;
  private final Optional<WebPackage> web;
  private volatile PageSink regions = NOWHERE;

  private static final PageSink NOWHERE =
      new PageSink() {
        @Override
        public void pages(int region, long firstPage, MemorySegment data) throws IOException {
          throw new IOException("pages of region " + region + " that nobody asked for");
        }

        @Override
        public void zeroes(int region, long firstPage, int pages) throws IOException {
          throw new IOException("pages of region " + region + " that nobody asked for");
        }
      };

  BlobClient(
      InetSocketAddress address, WireOptions options, int lanes, long windowBytes, long seconds) {
    this("", address, options, lanes, windowBytes, seconds);
  }

  /** The package, or the instance, of that name; empty for the only one. */
  BlobClient(
      String subject,
      InetSocketAddress address,
      WireOptions options,
      int lanes,
      long windowBytes,
      long seconds) {
    this(Right.READ, subject, address, options, lanes, windowBytes, seconds);
  }

  /** As above, for readers, or for those who only want to know. */
  BlobClient(
      Right right,
      String subject,
      InetSocketAddress address,
      WireOptions options,
      int lanes,
      long windowBytes,
      long seconds) {
    this(
        text(address) + (subject.isEmpty() ? "" : "/" + subject),
        right,
        subject,
        Optional.empty(),
        address,
        options,
        lanes,
        windowBytes,
        seconds);
  }

  /** Of a package that this process offers to itself. */
  static BlobClient local(LocalPackage local, int lanes, long windowBytes, long seconds)
      throws IOException {
    return new BlobClient(
        "the package",
        Right.READ,
        local.subject(),
        Optional.empty(),
        local.address(),
        LocalPackage.wire(),
        lanes,
        windowBytes,
        seconds);
  }

  private BlobClient(
      String origin,
      Right right,
      String subject,
      Optional<WebPackage> web,
      InetSocketAddress address,
      WireOptions options,
      int lanes,
      long windowBytes,
      long seconds) {
    this.origin = origin;
    this.web = web;
    this.seconds = seconds;
    this.remote =
        RemotePages.open(address, options, right, subject, lanes, windowBytes, new Sink());
  }

  /**
   * From whatever {@code raddr} is: HOST:PORT of a registry or a peer, with /NAME where there are
   * several, the web address of a package, or {@link #FILE} and the path of one.
   *
   * @param option what the user called it, for messages
   */
  static BlobClient open(
      String option, String raddr, WireOptions options, int lanes, long windowBytes, long seconds)
      throws IOException {
    if (!HttpRange.isOne(raddr) && !raddr.startsWith(FILE)) {
      InetSocketAddress address = Addresses.remote(option, raddr);
      return new BlobClient(
          Addresses.subject(raddr), address, options, lanes, windowBytes, seconds);
    }
    WebPackage web =
        raddr.startsWith(FILE)
            ? WebPackage.open(Path.of(raddr.substring(FILE.length())))
            : WebPackage.open(raddr);
    LocalPackage local = web.local();
    return new BlobClient(
        raddr,
        Right.READ,
        local.subject(),
        Optional.of(web),
        local.address(),
        LocalPackage.wire(),
        lanes,
        windowBytes,
        seconds);
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private final class Sink implements PageSink {
    @Override
    public void pages(int region, long first, MemorySegment data) throws IOException {
      BlobFetch blob = blobs.get(region);
      if (blob != null) {
        blob.pages(first, data);
      } else {
        regions.pages(region, first, data);
      }
    }

    @Override
    public void zeroes(int region, long first, int count) throws IOException {
      BlobFetch blob = blobs.get(region);
      if (blob != null) {
        blob.zeroes(first, count);
      } else {
        regions.zeroes(region, first, count);
      }
    }
  }

  String origin() {
    return origin;
  }

  /** Whether pages come in whole chunks of a package, whatever is asked for. */
  boolean readsWholeChunks() {
    return web.isPresent();
  }

  /** Where pages of regions go that are no blobs. */
  void regionsTo(PageSink sink) {
    regions = sink;
  }

  RemotePages remote() {
    return remote;
  }

  Message.Description describe() throws IOException, InterruptedException {
    return describe(why -> {});
  }

  /**
   * Waits until it is known what is offered.
   *
   * @param waiting told, once, when that takes long enough for somebody to wonder
   */
  Message.Description describe(Consumer<String> waiting) throws IOException, InterruptedException {
    try {
      try {
        return remote.description().get(WONDER_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        waiting.accept(trouble());
      }
      return remote.description().get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "no answer from " + origin + " within " + seconds + " s: " + trouble(), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? new IOException(origin + ": " + cause.getMessage(), cause)
          : new IOException(origin + ": " + e.getCause(), e);
    }
  }

  private String trouble() {
    return remote
        .trouble()
        .map(Throwable::getMessage)
        .orElse(
            "it says nothing; is an architekt registry or peer running there, and can this host"
                + " reach it?");
  }

  BlobFetch fetch(Message.Description description, String name) throws IOException {
    BlobFetch blob = BlobFetch.of(description, name, origin);
    blobs.put(blob.region, blob);
    remote
        .failure()
        .exceptionally(cause -> {
          blob.fail(cause);
          return null;
        });
    remote.demand(blob.region, 0, blob.pages());
    return blob;
  }

  /** Fetches kernel and initial RAM disk, unless they are here already. */
  void fetchBootFiles(Message.Description description, InstanceSpec spec, StateDirectory state)
      throws IOException, InterruptedException {
    BlobFetch kernel = Blobs.has(state, spec.kernelDigest()) ? null : fetch(description, "kernel");
    BlobFetch initramfs =
        Blobs.has(state, spec.initramfsDigest()) ? null : fetch(description, "initramfs");
    keep(state, kernel, spec.kernelDigest(), "kernel");
    keep(state, initramfs, spec.initramfsDigest(), "initramfs");
  }

  private void keep(StateDirectory state, BlobFetch blob, String digest, String what)
      throws IOException, InterruptedException {
    if (blob != null) {
      try (blob) {
        Blobs.put(state, digest, blob.await(seconds, origin).asByteBuffer(), what);
      }
    }
  }

  @Override
  public void close() {
    remote.close();
    web.ifPresent(served -> {
      try {
        served.close();
      } catch (IOException e) {
        System.getLogger(BlobClient.class.getName())
            .log(System.Logger.Level.DEBUG, "closing {0}: {1}", origin, e.getMessage());
      }
    });
  }
}
