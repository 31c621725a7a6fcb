package dev.architekt.archive;

import dev.architekt.archive.Manifest.Hooks;
import dev.architekt.archive.Manifest.Hypervisor;
import dev.architekt.archive.Manifest.Liveness;
import dev.architekt.archive.Manifest.Machine;
import dev.architekt.archive.Manifest.Service;
import dev.architekt.archive.Manifest.Tsc;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Packages and their parts, as tests need them. */
final class Samples {
  static final int CHUNK = Layout.CHUNK_SIZE;

  private Samples() {}

  static Manifest manifest() {
    return new Manifest(
        Manifest.CURRENT,
        Instant.parse("2026-03-01T12:00:00Z"),
        "redis",
        new Machine(
            1,
            256L << 20,
            "pc-q35-7.2",
            "qemu64",
            "tcg",
            new Hypervisor("qemu", "7.2.22"),
            Optional.of(new Tsc(2_000_000, Tsc.DEFAULT_TOLERANCE_PPM)),
            "console=ttyS0 tsc=reliable no_timer_check net.ifnames=0",
            "02:0e:d9:00:00:02"),
        new Hooks(true, true),
        List.of(new Service("redis", "tcp", 6379)),
        Optional.of(new Liveness("redis", 6379, 60_000)),
        Map.of("kernel", "6.1.0"),
        List.of());
  }

  /** Bytes as memory has them: runs of noise, of text and of zeroes. */
  static byte[] bytes(long seed, int length) {
    Random random = new Random(seed);
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int run = Math.min(length - at, 1 + random.nextInt(3 * CHUNK / 2));
      switch (random.nextInt(3)) {
        case 0 -> {
          byte[] noise = new byte[run];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, bytes, at, run);
        }
        case 1 -> {
          for (int i = 0; i < run; i++) {
            bytes[at + i] = (byte) "all work and no play ".charAt(i % 21);
          }
        }
        default -> {
          // Stays zero.
        }
      }
      at += run;
    }
    return bytes;
  }

  /** A package of about two megabytes with every kind of resource. */
  static ArkWriter.Written write(Path target) throws IOException, InterruptedException {
    return write(target, 2);
  }

  static ArkWriter.Written write(Path target, int threads)
      throws IOException, InterruptedException {
    try (ArkWriter writer = new ArkWriter(manifest())) {
      for (Map.Entry<String, byte[]> resource : contents().entrySet()) {
        writer.add(resource.getKey(), resource.getValue());
      }
      return writer.threads(threads).write(target, Progress.NONE);
    }
  }

  static Map<String, byte[]> contents() {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    contents.put("config", "{}".getBytes(StandardCharsets.UTF_8));
    contents.put("kernel", bytes(1, 300_001));
    contents.put("initramfs", bytes(2, CHUNK));
    contents.put("disk", bytes(3, 8 * CHUNK));
    contents.put("disk1", new byte[0]);
    contents.put("memory", bytes(4, 16 * CHUNK));
    contents.put("state", bytes(5, 100_000));
    return contents;
  }

  /** A region of zeroes that says so only when asked for extents, if at all. */
  static Region zeroes(long size, boolean tells) {
    return new Region() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public Set<Capability> capabilities() {
        return tells ? Set.of(Capability.EXTENTS) : Set.of();
      }

      @Override
      public void read(long offset, MemorySegment target) {
        if (tells) {
          throw new AssertionError("read of what is known to be zero");
        }
        target.fill((byte) 0);
      }

      @Override
      public void write(long offset, MemorySegment source) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void flush() {}

      @Override
      public List<Extent> extents(long offset, long length) {
        return List.of(new Extent(offset, length, tells ? Content.ZERO : Content.DATA));
      }

      @Override
      public void close() {}
    };
  }
}
