package dev.architekt.bench;

import dev.architekt.linux.Fd;
import dev.architekt.mount.FuseMount;
import dev.architekt.mount.MountOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How fast a mount is, seen by a process that uses it: latency of first touches, sequential reading
 * and writing, and how long dirty memory takes to arrive. The region is in memory, so that the
 * figures are the mount's own. Beside them the same on a file in tmpfs, in the same minute: what
 * the machine can give just then.
 *
 * <p>The floor beside each figure was measured with a prototype on two cores without hardware
 * virtualisation.
 */
public final class MountBench {
  private static final long MIB = 1 << 20;
  private static final int READ_AHEAD_SMALL_KIB = 4;
  private static final int READ_AHEAD_MEDIUM_KIB = 64;
  private static final int READ_AHEAD_LARGE_KIB = 1024;

  /**
   * What to measure: each in a mount and a process of its own, so that every cache begins empty.
   */
  private enum Phase {
    TOUCH_SMALL(
        "touch", READ_AHEAD_SMALL_KIB, "random first touch, mmap, read-ahead 4 KiB", "14.8 µs"),
    TOUCH_MEDIUM(
        "touch-apart",
        READ_AHEAD_MEDIUM_KIB,
        "random first touch, mmap, read-ahead 64 KiB",
        "40 µs"),
    TOUCH_QEMU("", READ_AHEAD_SMALL_KIB, "first touch inside QEMU, 2 MiB come at once", "-"),
    READ_MAPPED(
        "read-mapped",
        READ_AHEAD_LARGE_KIB,
        "sequential read, mmap, read-ahead 1 MiB",
        "2.2 GiB/s"),
    READ("read", READ_AHEAD_LARGE_KIB, "sequential read, pread, read-ahead 1 MiB", "-"),
    WRITE("write", READ_AHEAD_LARGE_KIB, "sequential write, pwrite and fsync", "-"),
    DIRTY("dirty", READ_AHEAD_LARGE_KIB, "dirty every page and flush, mmap", "1 GiB/s"),
    SCATTERED("scattered", READ_AHEAD_LARGE_KIB, "flush of 1,310 random dirty pages", "9 to 20 ms");

    final String command;
    final int readAheadKib;
    final String title;
    final String floor;

    Phase(String command, int readAheadKib, String title, String floor) {
      this.command = command;
      this.readAheadKib = readAheadKib;
      this.title = title;
      this.floor = floor;
    }
  }

  private MountBench() {}

  /**
   * Runs every phase {@code rounds} times and prints a table of the medians. Needs root and {@code
   * /dev/fuse}.
   *
   * @param sizeMib size of the region, at least 64 MiB; as much again is used by the page cache
   */
  public static void run(int sizeMib, int rounds, PrintStream out) throws IOException {
    if (sizeMib < 64 || rounds < 1) {
      throw new IllegalArgumentException(
          "at least 64 MiB and 1 round, not " + sizeMib + ", " + rounds);
    }
    out.printf(Locale.ROOT, "mount of %d MiB in memory, median of %d rounds%n%n", sizeMib, rounds);
    out.printf("%-46s %24s %24s %12s%n", "", "mount", "tmpfs, same moment", "prototype");
    try (MemoryRegion region = new MemoryRegion(sizeMib * MIB)) {
      for (Phase phase : Phase.values()) {
        List<double[]> mounted = new ArrayList<>();
        List<double[]> plain = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
          mounted.add(measureMount(phase, region));
          plain.add(measureTmpfs(phase, sizeMib * MIB));
        }
        out.printf(
            "%-46s %24s %24s %12s%n",
            phase.title, text(phase, mounted), text(phase, plain), phase.floor);
      }
    }
  }

  private static double[] measureMount(Phase phase, MemoryRegion region) throws IOException {
    MountOptions options =
        MountOptions.defaults().withName("bench").withReadAheadKib(phase.readAheadKib);
    try (FuseMount mount = FuseMount.create(region, options);
        Fd file = mount.openFile()) {
      String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.number();
      return use(phase, path, region.size());
    }
  }

  /** What memory and this machine's other load allow at the moment. */
  private static double[] measureTmpfs(Phase phase, long size) throws IOException {
    Path path = Files.createTempFile(Path.of("/dev/shm"), "mount-bench", "");
    try {
      byte[] piece = new byte[(int) MIB];
      Arrays.fill(piece, (byte) 1);
      try (OutputStream out = Files.newOutputStream(path)) {
        for (long done = 0; done < size; done += MIB) {
          out.write(piece);
        }
      }
      return use(phase, path.toString(), size);
    } finally {
      Files.delete(path);
    }
  }

  private static double[] use(Phase phase, String file, long size) throws IOException {
    if (phase == Phase.TOUCH_QEMU) {
      return QemuTouch.measure(file, size);
    }
    Process user = start(file);
    expect(user.inputReader(), "ready");
    return measure(phase, user);
  }

  private static double[] measure(Phase phase, Process user) throws IOException {
    try (BufferedReader in = user.inputReader();
        Writer commands = user.outputWriter()) {
      commands.write(phase.command + "\n");
      commands.flush();
      String line = in.readLine();
      if (line == null) {
        throw new IOException("the measuring process ended in phase " + phase);
      }
      return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
    } finally {
      user.destroyForcibly();
      user.onExit().join();
    }
  }

  private static Process start(String file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            MountBenchUser.class.getName(),
            file)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void expect(BufferedReader in, String word) throws IOException {
    String line = in.readLine();
    if (!word.equals(line)) {
      throw new IOException("the measuring process says '" + line + "' and not '" + word + "'");
    }
  }

  private static String text(Phase phase, List<double[]> results) {
    return switch (phase) {
      case TOUCH_SMALL, TOUCH_MEDIUM, TOUCH_QEMU ->
          String.format(
              Locale.ROOT,
              "%.1f µs, p99 %.1f µs",
              median(results, 0) / 1e3,
              median(results, 1) / 1e3);
      case SCATTERED -> String.format(Locale.ROOT, "%.1f ms", median(results, 0) / 1e6);
      case READ_MAPPED, READ, WRITE, DIRTY ->
          String.format(Locale.ROOT, "%.2f GiB/s", median(results, 0) / (1 << 30));
    };
  }

  private static double median(List<double[]> results, int figure) {
    double[] sorted = results.stream().mapToDouble(result -> result[figure]).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** {@code [sizeMiB [rounds]]}, 256 and 3 by default. */
  public static void main(String[] arguments) throws IOException {
    int sizeMib = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 256;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    run(sizeMib, rounds, System.out);
  }
}
