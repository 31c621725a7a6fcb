package dev.architekt.node.doctor;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Library;
import dev.architekt.linux.Namespaces;
import dev.architekt.mount.FuseMount;
import dev.architekt.mount.MountOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** This host's kernel. */
final class LocalKernel implements Host.Kernel {
  private static final long KVM_GET_API_VERSION = 0xAE00;
  private static final int SECONDS_MAX = 5;

  @Override
  public void open(String device) throws IOException {
    Fd.open(device, Fd.O_RDWR, 0).close();
  }

  @Override
  public int kvmVersion() throws IOException {
    try (Fd kvm = Fd.open("/dev/kvm", Fd.O_RDWR, 0)) {
      return kvm.ioctl(KVM_GET_API_VERSION, MemorySegment.NULL);
    }
  }

  @Override
  public void fuse() throws IOException {
    bounded("doctor-fuse", LocalKernel::mountAndRead);
  }

  private static Void mountAndRead() throws IOException {
    byte[] content = "the doctor was here".getBytes(StandardCharsets.UTF_8);
    MountOptions options = MountOptions.defaults().withName("architekt-doctor").withReaders(1);
    try (Page page = new Page(content);
        FuseMount mount = FuseMount.create(page, options);
        Fd file = mount.openFile();
        Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(content.length);
      long length = file.readAt(0, found);
      if (length != content.length || found.mismatch(MemorySegment.ofArray(content)) >= 0) {
        throw new IOException("a mounted file gave other bytes than were put in");
      }
    }
    return null;
  }

  @Override
  public boolean has(Library library) {
    return library.isPresent();
  }

  @Override
  public void networkNamespace() throws IOException {
    String name = "doctor-" + ProcessHandle.current().pid();
    Namespaces.createNetwork(name);
    Namespaces.deleteNetwork(name);
  }

  /** A kernel that does not answer must not hang the doctor; the thread it hangs is a daemon. */
  private static <T> T bounded(String name, Callable<T> work) throws IOException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(e.getCause().toString(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer from the kernel in " + SECONDS_MAX + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
