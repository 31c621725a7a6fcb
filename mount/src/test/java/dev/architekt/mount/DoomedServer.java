package dev.architekt.mount;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Pidfd;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server to be killed: takes WRITEs in hand and does not answer them. Says {@code serving
 * <device> <file>}, its descriptors, and {@code holding <n>} for the n-th WRITE that it sits on.
 *
 * <p>Arguments: path and size of the region, how many WRITEs are answered before it sits on them,
 * and to adopt rather than create, once a line comes in: a process, and its descriptors of the
 * device and the file.
 */
final class DoomedServer {
  private DoomedServer() {}

  public static void main(String[] arguments) throws Exception {
    String path = arguments[0];
    long size = Long.parseLong(arguments[1]);
    int answered = Integer.parseInt(arguments[2]);
    AtomicInteger writes = new AtomicInteger();
    FileRegion region =
        new FileRegion(
            path,
            size,
            () -> {
              int number = writes.incrementAndGet();
              if (number > answered) {
                System.out.println("holding " + (number - answered));
                sleepForever();
              }
            });
    MountOptions options = MountOptions.defaults().withReaders(16).withName("doomed");
    if (arguments.length == 3) {
      FuseMount mount = FuseMount.create(region, options);
      Fd file = mount.openFile();
      System.out.println("serving " + mount.device().number() + " " + file.number());
      System.in.read();
      // So that this process does not write back the file when it dies.
      file.close();
      System.out.println("closed");
    } else {
      adopt(region, options, arguments);
    }
    sleepForever();
  }

  private static void adopt(FileRegion region, MountOptions options, String[] arguments)
      throws IOException {
    System.out.println("started");
    System.in.read();
    Pidfd holder = Pidfd.open(Long.parseLong(arguments[3]));
    int file = Integer.parseInt(arguments[5]);
    FuseMount.adopt(
        holder.descriptor(Integer.parseInt(arguments[4])),
        () -> holder.descriptor(file),
        region,
        options);
  }

  private static void sleepForever() {
    while (true) {
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        // Waits for SIGKILL and for nothing else.
      }
    }
  }
}
