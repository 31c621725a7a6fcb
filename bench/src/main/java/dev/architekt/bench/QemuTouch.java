package dev.architekt.bench;

import dev.architekt.hypervisor.qemu.QmpClient;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * First touches by a QEMU whose RAM a file is: it is asked, over its monitor, to read a few pages
 * that lie at random, and then to read them again. What the first reading took longer is what the
 * pages took. A few, because asking takes ten times as long as a page.
 *
 * <p>QEMU advises the kernel to use huge pages for all RAM (madvise(2), MADV_HUGEPAGE), and a fault
 * in such a mapping reads 2 MiB whatever the read-ahead: so most pages are there when they are
 * touched, and a few take long.
 */
final class QemuTouch {
  private static final String BINARY = "qemu-system-x86_64";
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int TOUCHES = 500;
  private static final int PAGE = 4096;
  private static final int PAGES = 32;

  private QemuTouch() {}

  /** Median and 99th percentile of a page's first touch, in nanoseconds. */
  static double[] measure(String file, long size) throws IOException {
    Path folder = Files.createTempDirectory("mount-bench-qemu-");
    Path socket = folder.resolve("qmp");
    Process qemu = start(file, size, socket, folder.resolve("log"));
    try (QmpClient qmp = connect(qemu, socket, folder.resolve("log"))) {
      List<Long> places = places(size);
      double[] each = new double[Math.min(TOUCHES, places.size())];
      for (int i = 0; i < each.length; i++) {
        double first = touch(qmp, places.get(i));
        each[i] = (first - touch(qmp, places.get(i))) / PAGES;
      }
      Arrays.sort(each);
      return new double[] {each[each.length / 2], each[each.length * 99 / 100]};
    } finally {
      qemu.destroyForcibly();
      qemu.onExit().join();
      for (String name : List.of("qmp", "log")) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.delete(folder);
    }
  }

  private static List<Long> places(long size) {
    long bytes = PAGES * PAGE;
    List<Long> places =
        LongStream.range(0, size / bytes).map(i -> i * bytes).boxed().collect(Collectors.toList());
    Collections.shuffle(places, new Random(1));
    return places;
  }

  private static double touch(QmpClient qmp, long place) throws IOException {
    Map<String, Object> what = Map.of("val", place, "size", PAGES * PAGE, "filename", "/dev/null");
    long began = System.nanoTime();
    qmp.execute("pmemsave", what, ANSWER);
    return System.nanoTime() - began;
  }

  /** A machine of nothing but RAM. */
  private static Process start(String file, long size, Path socket, Path log) throws IOException {
    String ram = "memory-backend-file,id=ram,share=on,size=" + size + ",mem-path=" + file;
    return new ProcessBuilder(
            BINARY,
            "-machine",
            "none,memory-backend=ram",
            "-object",
            ram,
            "-m",
            size + "B",
            "-S",
            "-accel",
            "tcg",
            "-display",
            "none",
            "-nodefaults",
            "-qmp",
            "unix:" + socket + ",server=on,wait=off")
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static QmpClient connect(Process qemu, Path socket, Path log) throws IOException {
    long deadline = System.nanoTime() + ANSWER.toNanos();
    while (true) {
      try {
        return QmpClient.connect("QEMU", UnixDomainSocketAddress.of(socket), new Silent(), ANSWER);
      } catch (IOException e) {
        if (ended(qemu) || System.nanoTime() > deadline) {
          throw new IOException("QEMU does not answer: " + Files.readString(log).strip(), e);
        }
      }
    }
  }

  private static boolean ended(Process qemu) throws IOException {
    try {
      return qemu.waitFor(5, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while QEMU was starting", e);
    }
  }

  private static final class Silent implements QmpClient.Listener {
    @Override
    public void event(String name, Map<String, Object> data) {}

    @Override
    public void disconnected(String reason) {}
  }
}
