package dev.architekt.mount;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.FsContext;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Mounts;
import dev.architekt.region.DemandRegion;
import dev.architekt.region.PageBitmap;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A region as one regular file, served over {@code /dev/fuse}.
 *
 * <p>The mount is detached: it is in no mount table, its users get the file as an open descriptor,
 * and it is gone once all descriptors are. {@link #attach} makes it visible at a path. The
 * connection lives as long as somebody holds {@link #device()}; a process that must survive this
 * one (a machine whose RAM this is) inherits a copy, and then a successor of this process can
 * {@link #adopt} the mount.
 *
 * <pre>
 *   create ──▶ store … ──▶ seal ──▶ collect, invalidate … ──▶ close    nobody needs the mount any more
 *                                        ▲            └──────▶ release  a successor goes on
 *                                adopt ──┘
 * </pre>
 *
 * <p><b>The serving process must never fault on memory that is mapped from its own mount</b>: the
 * whole JVM would stop at its next safepoint. System calls on its own files are safe. Thread-safe,
 * except that {@link #release} and {@link #close} are called once, last. Methods that talk to the
 * kernel block: call them from platform threads.
 */
public final class FuseMount implements AutoCloseable {
  private static final String DEVICE = "/dev/fuse";

  /** The largest request that the kernel makes of a server of ours. */
  private static final int WARM_READ_AHEAD_KIB = Protocol.TRANSFER_MAX >> 10;

  /** What a huge-page fault reads at a time: longer runs of zeroes are quick to read, too. */
  private static final long ZEROES_KEPT_MAX = 2 << 20;

  private static final MemorySegment ZEROES = Arena.global().allocate(64 << 10, 4096);

  private final Fd device;
  private final Fd mount;
  private final int connectionId;
  private final boolean resendable;
  private final FileSource files;
  private final DemandRegion region;
  private final Server server;
  private final Notifications notifications;
  private final BackingDevice backing;
  private final MountOptions options;
  private final ReadWriteLock sealing = new ReentrantReadWriteLock();
  private boolean sealed;
  private Path attachedAt;

  private FuseMount(
      Fd device,
      Fd mount,
      int connectionId,
      boolean resendable,
      boolean sealed,
      FileSource files,
      DemandRegion region,
      Server server,
      MountOptions options) {
    this.device = device;
    this.mount = mount;
    this.connectionId = connectionId;
    this.resendable = resendable;
    this.sealed = sealed;
    this.files = files;
    this.region = region;
    this.server = server;
    this.notifications = new Notifications(device);
    this.backing = new BackingDevice(connectionId);
    this.options = options;
    backing.tune(options.readAheadKib());
  }

  /**
   * Mounts {@code region}, detached, and starts to serve it. The region stays its owner's, who
   * closes it after the mount.
   *
   * @throws MountException if this host cannot: not root, no {@code /dev/fuse}, a kernel that is
   *     too old
   */
  public static FuseMount create(DemandRegion region, MountOptions options) throws IOException {
    Fd device = openDevice();
    Fd mount = null;
    Server server = null;
    try (FsContext context = context(device, options)) {
      int connectionId = FuseConnections.of(device);
      boolean resendable = Handshake.perform(device);
      mount = context.mount();
      server = new Server(device, connectionId, region, options);
      FileSource files = reopening(mount);
      try (Fd file = files.open()) {
        // With a write-back cache the kernel keeps the size itself, and a root inode's begins as 0.
        file.truncate(region.size());
      }
      return new FuseMount(
          device, mount, connectionId, resendable, false, files, region, server, options);
    } catch (IOException | RuntimeException | Error e) {
      if (mount != null) {
        mount.close();
      }
      if (server != null) {
        server.close();
      }
      device.close();
      throw e;
    }
  }

  /**
   * Goes on serving a mount whose server has gone, cleanly or not: users notice a pause and no
   * error. Every request that the predecessor had in hand comes again, even if it was done already.
   * The mount is sealed.
   *
   * @param device the connection's {@code /dev/fuse}, fetched from a process that kept it; owned by
   *     the mount from here on, also if this fails
   * @param file yields descriptors of the mounted file
   * @param region the same bytes as before, with everything that was acknowledged
   * @throws MountException if {@code device} has no live connection, or the kernel cannot resend
   */
  public static FuseMount adopt(
      Fd device, FileSource file, DemandRegion region, MountOptions options) throws IOException {
    try {
      int connectionId = FuseConnections.of(device);
      // Before the first read: what this server reads is not to be resent as well.
      new Notifications(device).resend();
      Server server = new Server(device, connectionId, region, options);
      return new FuseMount(device, null, connectionId, true, true, file, region, server, options);
    } catch (IOException | RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }

  /** The kernel's number of the connection: the minor device number of the mounted file. */
  public int connectionId() {
    return connectionId;
  }

  /** The connection's {@code /dev/fuse}, for a child to inherit. Stays this object's. */
  public Fd device() {
    return device;
  }

  /** Whether this kernel gives requests out again, without which {@link #adopt} fails. */
  public boolean isAdoptable() {
    return resendable;
  }

  /**
   * A new descriptor of the mounted file, open for reading and writing; the caller closes it, soon:
   * see {@link Collector} for why this process should not hold one.
   */
  public Fd openFile() throws IOException {
    return files.open();
  }

  /**
   * Makes the file visible at {@code path} in the mount namespace of the calling thread; creates an
   * empty file there if there is none.
   */
  public synchronized void attach(Path path) throws IOException {
    if (mount == null || attachedAt != null) {
      throw new IllegalStateException(
          mount == null ? "an adopted mount cannot be attached" : "attached at " + attachedAt);
    }
    if (!Files.exists(path)) {
      Files.createFile(path);
    }
    Mounts.attach(mount, path);
    attachedAt = path;
  }

  /**
   * Takes the file away from its path; who has it open goes on. Does nothing if it is not attached.
   */
  public synchronized void detach() throws IOException {
    if (attachedAt != null) {
      Mounts.detach(attachedAt);
      attachedAt = null;
    }
  }

  /**
   * Puts {@code data} (native memory) into the page cache at {@code offset}, so that first touches
   * need no request. It overwrites dirty pages without a word, therefore only before anybody writes
   * through the mount.
   *
   * @throws IllegalStateException after {@link #seal()}, and for an adopted mount
   */
  public void store(long offset, MemorySegment data) throws IOException {
    sealing.readLock().lock();
    try {
      if (sealed) {
        throw new IllegalStateException(
            "the mount is sealed: its user runs, and a STORE would overwrite what it has written");
      }
      notifications.store(offset, data);
    } finally {
      sealing.readLock().unlock();
    }
  }

  /**
   * As {@link #store}, of zeroes. A long run is dropped from the page cache instead: its first
   * touch costs a request, its presence would cost memory that may never be used.
   */
  public void storeZeroes(long offset, long length) throws IOException {
    if (length > ZEROES_KEPT_MAX) {
      invalidate(offset, length);
      return;
    }
    for (long done = 0; done < length; done += ZEROES.byteSize()) {
      store(offset + done, ZEROES.asSlice(0, Math.min(ZEROES.byteSize(), length - done)));
    }
  }

  /**
   * Reads {@code wanted} pages into the page cache ahead of their user, until done or interrupted.
   * Every one of them must be here already: for an absent one this waits as any reader does.
   */
  public void warm(PageBitmap wanted) throws IOException {
    Fd file;
    // An open file keeps the read-ahead that its mount had when it was opened.
    backing.readAhead(WARM_READ_AHEAD_KIB);
    try {
      file = files.open();
    } finally {
      backing.readAhead(options.readAheadKib());
    }
    try (file) {
      Warmer.read(file, wanted);
    }
  }

  /** From here on users may write: {@link #store} is refused. Waits for STOREs in progress. */
  public void seal() {
    sealing.writeLock().lock();
    sealed = true;
    sealing.writeLock().unlock();
  }

  /**
   * Drops the range from the page cache, after its dirty pages have arrived as writes; the next
   * touch reads again.
   */
  public void invalidate(long offset, long length) throws IOException {
    notifications.invalidate(offset, length);
  }

  /** For collecting what users dirty, several times in a row. */
  public Collector collector() throws IOException {
    return new Collector(files.open(), server.collectors(), region);
  }

  /** See {@link Collector#collect()}. */
  public void collect() throws IOException {
    try (Collector collector = collector()) {
      collector.collect();
    }
  }

  /** See {@link Collector#flush()}. */
  public void flush() throws IOException {
    try (Collector collector = collector()) {
      collector.flush();
    }
  }

  /** How many READs wait for an absent page. */
  public int parkedReads() {
    return server.parkedReads();
  }

  /**
   * Stops serving and leaves the connection to whoever else holds the device: requests wait for a
   * successor. An attached mount stays where it is.
   */
  public void release() {
    server.close();
    if (mount != null) {
      mount.close();
    }
    device.close();
  }

  /**
   * Detaches the mount and ends it. Users that still have the file open get ENOTCONN, unless
   * another process holds the device: then they wait for a successor, or for {@link
   * FuseConnections#abort}.
   */
  @Override
  public void close() throws IOException {
    server.expectEnd();
    try {
      detach();
    } finally {
      // While requests are still answered: the last one to let go of a mount writes back what is
      // dirty.
      if (mount != null) {
        mount.close();
      }
      server.close();
      device.close();
    }
  }

  private static Fd openDevice() throws IOException {
    try {
      return Fd.open(DEVICE, Fd.O_RDWR, 0);
    } catch (LinuxException e) {
      String advice =
          switch (e.errno()) {
            case Errno.ENOENT, Errno.ENODEV -> "load the kernel module (modprobe fuse)";
            case Errno.EACCES, Errno.EPERM -> "run as root, and let the container use /dev/fuse";
            default -> "see the system's log";
          };
      throw new MountException("cannot mount: " + e.getMessage() + "; " + advice, e);
    }
  }

  private static FsContext context(Fd device, MountOptions options) throws IOException {
    FsContext context = null;
    try {
      context = FsContext.open("fuse");
      context.set("source", options.name());
      context.set("subtype", "architekt");
      context.set("fd", Integer.toString(device.number()));
      context.set("rootmode", "100" + String.format("%03o", options.mode()));
      context.set("user_id", "0");
      context.set("group_id", "0");
      context.enable("default_permissions");
      context.enable("allow_other");
      context.create();
      return context;
    } catch (LinuxException e) {
      if (context != null) {
        context.close();
      }
      device.close();
      throw new MountException(
          "cannot mount: " + e.getMessage() + "; mounting needs root (CAP_SYS_ADMIN)", e);
    }
  }

  private static FileSource reopening(Fd mount) {
    Objects.requireNonNull(mount);
    return () -> Fd.open("/proc/self/fd/" + mount.number(), Fd.O_RDWR, 0);
  }
}
