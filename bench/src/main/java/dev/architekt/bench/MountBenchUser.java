package dev.architekt.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The process that uses the mount in {@link MountBench}: a fault must never happen in the JVM that
 * serves it. Prints one line of figures for the phase it is told.
 */
final class MountBenchUser {
  private static final int PAGE = 4096;
  private static final int PIECE = 1 << 20;
  private static final int TOUCHES = 12_000;
  // Pages, more than the read-ahead of that phase.
  private static final int APART = 16;
  private static final int SCATTERED = 1_310;
  private static final long SEED = 20_261_123;

  private final FileChannel file;
  private final MemorySegment map;
  private final MemorySegment piece = Arena.global().allocate(PIECE, PAGE);

  private MountBenchUser(Path path) throws IOException {
    file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    map = file.map(MapMode.READ_WRITE, 0, file.size(), Arena.global());
  }

  public static void main(String[] arguments) throws IOException {
    MountBenchUser user = new MountBenchUser(Path.of(arguments[0]));
    System.out.println("ready");
    String phase = new BufferedReader(new InputStreamReader(System.in)).readLine();
    System.out.println(
        switch (phase) {
          case "touch" -> user.touch(1);
          case "touch-apart" -> user.touch(APART);
          case "read-mapped" -> user.readMapped();
          case "read" -> user.read();
          case "write" -> user.write();
          case "dirty" -> user.dirty();
          case "scattered" -> user.scattered();
          default -> throw new IllegalArgumentException(phase);
        });
  }

  /**
   * Median and 99th percentile of the first touch of a page, in nanoseconds; only every {@code
   * distance}-th page, so that none has come with another's read-ahead.
   */
  private String touch(int distance) {
    int[] pages = randomPages((int) (map.byteSize() / PAGE / distance));
    int touches = Math.min(pages.length, TOUCHES);
    long[] nanos = new long[touches];
    long sum = 0;
    for (int i = 0; i < touches; i++) {
      long start = System.nanoTime();
      sum += map.get(ValueLayout.JAVA_BYTE, pages[i] * (long) distance * PAGE);
      nanos[i] = System.nanoTime() - start;
    }
    // The first sixth is the warm-up, of both processes.
    long[] counted = Arrays.copyOfRange(nanos, touches / 6, touches);
    Arrays.sort(counted);
    keep(sum);
    return counted[counted.length / 2] + " " + counted[counted.length * 99 / 100];
  }

  private String readMapped() {
    long start = System.nanoTime();
    long sum = 0;
    for (long offset = 0; offset < map.byteSize(); offset += PAGE) {
      sum += map.get(ValueLayout.JAVA_LONG, offset);
    }
    keep(sum);
    return rate(start);
  }

  private String read() throws IOException {
    ByteBuffer buffer = piece.asByteBuffer();
    long start = System.nanoTime();
    for (long offset = 0; offset < map.byteSize(); offset += buffer.position()) {
      file.read(buffer.clear(), offset);
    }
    return rate(start);
  }

  private String write() throws IOException {
    ByteBuffer buffer = piece.asByteBuffer();
    long start = System.nanoTime();
    for (long offset = 0; offset < map.byteSize(); offset += buffer.position()) {
      file.write(buffer.clear(), offset);
    }
    file.force(false);
    return rate(start);
  }

  /** Pages that are in memory already, as a guest's are, are all dirtied and flushed. */
  private String dirty() throws IOException {
    readMapped();
    long start = System.nanoTime();
    for (long offset = 0; offset < map.byteSize(); offset += PAGE) {
      map.set(ValueLayout.JAVA_LONG, offset, offset);
    }
    file.force(false);
    return rate(start);
  }

  /** Nanoseconds of the flush alone. */
  private String scattered() throws IOException {
    readMapped();
    int[] pages = randomPages((int) (map.byteSize() / PAGE));
    long[] nanos = new long[5];
    for (int round = 0; round < nanos.length; round++) {
      for (int i = 0; i < SCATTERED; i++) {
        map.set(ValueLayout.JAVA_LONG, pages[round * SCATTERED + i] * (long) PAGE, i);
      }
      long start = System.nanoTime();
      file.force(false);
      nanos[round] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return Long.toString(nanos[nanos.length / 2]);
  }

  private String rate(long startNanos) {
    return Double.toString(map.byteSize() * 1e9 / (System.nanoTime() - startNanos));
  }

  /** All pages in an order that read-ahead cannot guess. */
  private static int[] randomPages(int count) {
    int[] pages = new int[count];
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      pages[i] = pages[j];
      pages[j] = i;
    }
    return pages;
  }

  /** So that no compiler drops the reads. */
  private static void keep(long sum) {
    if (sum == Long.MIN_VALUE) {
      throw new AssertionError("a sum that does not occur");
    }
  }
}
