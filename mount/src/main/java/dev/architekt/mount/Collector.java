package dev.architekt.mount;

import dev.architekt.linux.Fd;
import dev.architekt.linux.KernelThread;
import dev.architekt.region.Region;
import java.io.IOException;

/**
 * Fetches what users of a mount have dirtied: an open descriptor of the mounted file, held for as
 * long as it is needed and no longer.
 *
 * <p>Why not for good: a process that ends, however it ends, first writes back every file that it
 * has open. If this process is killed while it holds this descriptor and pages are dirty, it stays
 * in D state, with its ports bound, until a successor serves the mount. Outside of collecting that
 * cannot happen. Closing writes back what was dirtied since the last collection, too, so it is
 * cheap only after one. The same goes for every process that this one starts meanwhile: exec closes
 * its copy, which writes back the whole file before the new program begins.
 *
 * <p>Both methods block in the kernel: for platform threads, and never for the threads that serve
 * the mount.
 */
public final class Collector implements AutoCloseable {
  private final Fd file;
  private final CollectorThreads threads;
  private final Region region;

  Collector(Fd file, CollectorThreads threads, Region region) {
    this.file = file;
    this.threads = threads;
    this.region = region;
  }

  /**
   * Every page that was dirtied before this call, through whatever mapping or descriptor, has been
   * given to the region's {@code write} when it returns: 4 KiB exact. Says nothing of durability.
   * If nobody writes meanwhile, nothing is dirty afterwards.
   */
  public void collect() throws IOException {
    int thread = KernelThread.current().id();
    threads.begin(thread);
    try {
      file.sync();
    } finally {
      threads.end(thread);
    }
  }

  /**
   * As {@link #collect()}, and then all of it is durable. The region is flushed from here rather
   * than by an FSYNC request, during which the kernel holds the file's lock, so that another thread
   * can collect meanwhile.
   */
  public void flush() throws IOException {
    collect();
    region.flush();
  }

  @Override
  public void close() {
    file.close();
  }
}
