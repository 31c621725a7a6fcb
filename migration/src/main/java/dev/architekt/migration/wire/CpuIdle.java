package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The share of all processors that was idle lately, from {@code /proc/stat}. */
final class CpuIdle {
  private static final Path STAT = Path.of("/proc/stat");
  private static final long PERIOD_NANOS = 500_000_000;
  // Columns of the first line after "cpu": user nice system idle iowait irq softirq steal.
  private static final int IDLE = 3;
  private static final int COLUMNS = 8;

  private static final Object LOCK = new Object();
  private static long nextNanos = System.nanoTime() - 1;
  private static long lastIdle;
  private static long lastTotal;
  private static volatile double share = 0.5;

  private CpuIdle() {}

  /** 0 to 1; one half while nothing is known. Reads at most twice a second. */
  static double share() {
    long now = System.nanoTime();
    synchronized (LOCK) {
      if (now - nextNanos >= 0) {
        nextNanos = now + PERIOD_NANOS;
        sample();
      }
    }
    return share;
  }

  private static void sample() {
    long idle = 0;
    long total = 0;
    try (var in = Files.newInputStream(STAT)) {
      String[] columns =
          new String(in.readNBytes(256), StandardCharsets.US_ASCII).split("\n")[0].split(" +");
      for (int i = 0; i < COLUMNS; i++) {
        long ticks = Long.parseLong(columns[i + 1]);
        total += ticks;
        idle += i == IDLE ? ticks : 0;
      }
    } catch (IOException | RuntimeException e) {
      // A host without it: the last known share stays, and only the choice of codec depends on it.
      return;
    }
    if (lastTotal > 0 && total > lastTotal) {
      share = (double) (idle - lastIdle) / (total - lastTotal);
    }
    lastIdle = idle;
    lastTotal = total;
  }
}
