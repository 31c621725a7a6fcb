package dev.architekt.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.archive.ArkReader.Checks;
import dev.architekt.region.Region;
import dev.architekt.region.Region.Content;
import dev.architekt.region.Region.Extent;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes into a package comes out of it, from anywhere, on any number of threads. */
@Tag("quick")
class RoundTripTest {
  @TempDir Path dir;

  @Test
  void everyResourceComesBackByteForByte() throws Exception {
    Path file = dir.resolve("p.ark");
    ArkWriter.Written written = Samples.write(file);
    assertThat(written.sizeBytes()).isEqualTo(Files.size(file));
    for (Checks checks : Checks.values()) {
      try (ArkReader reader = ArkReader.open(FileRange.open(file), checks)) {
        assertThat(reader.manifest()).isEqualTo(written.manifest());
        assertThat(reader.indexDigest()).isEqualTo(written.indexDigest());
        assertThat(reader.manifest().resources().stream().map(Manifest.Resource::name))
            .containsExactlyElementsOf(Samples.contents().keySet());
        for (Map.Entry<String, byte[]> resource : Samples.contents().entrySet()) {
          assertThat(reader.bytes(resource.getKey(), 1 << 24))
              .as(resource.getKey())
              .isEqualTo(resource.getValue());
        }
        reader.verify(Progress.NONE);
      }
    }
  }

  @Test
  void sameInputsGiveTheSameBytesWhateverTheThreads() throws Exception {
    Samples.write(dir.resolve("1.ark"), 1);
    Samples.write(dir.resolve("2.ark"), 2);
    Samples.write(dir.resolve("3.ark"), 5);
    assertThat(Files.mismatch(dir.resolve("1.ark"), dir.resolve("2.ark"))).isEqualTo(-1);
    assertThat(Files.mismatch(dir.resolve("1.ark"), dir.resolve("3.ark"))).isEqualTo(-1);
  }

  @Test
  void manyThreadsReadAnywhereAndTheCacheStaysBounded() throws Exception {
    Path file = dir.resolve("p.ark");
    byte[] memory = Samples.bytes(9, 120 * Samples.CHUNK + 4096);
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("memory", memory).write(file, Progress.NONE);
    }
    RecordingCache largest = new RecordingCache();
    try (ArkReader reader = ArkReader.open(file);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Region region = reader.resource("memory");
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        long seed = i;
        Callable<Void> task =
            () -> {
              Random random = new Random(seed);
              for (int n = 0; n < 60; n++) {
                int length = 1 + random.nextInt(600_000);
                int offset = random.nextInt(memory.length - length);
                byte[] found = new byte[length];
                region.read(offset, MemorySegment.ofArray(found));
                assertThat(Arrays.equals(found, 0, length, memory, offset, offset + length))
                    .as("%d bytes at %d", length, offset)
                    .isTrue();
                largest.saw(reader.cachedBytes());
              }
              return null;
            };
        all.add(threads.submit(task));
      }
      for (Future<Void> each : all) {
        each.get();
      }
    }
    assertThat(largest.bytes).isBetween(1L << 20, ArkReader.CACHE_MAX);
  }

  private static final class RecordingCache {
    private long bytes;

    synchronized void saw(long bytes) {
      this.bytes = Math.max(this.bytes, bytes);
    }
  }

  @Test
  void extentsTellZeroesWithoutReadingThem() throws Exception {
    Path file = dir.resolve("p.ark");
    byte[] memory = new byte[5 * Samples.CHUNK + 100];
    memory[2 * Samples.CHUNK + 7] = 1;
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("memory", memory).write(file, Progress.NONE);
    }
    try (ArkReader reader = ArkReader.open(file)) {
      Region region = reader.resource("memory");
      long c = Samples.CHUNK;
      assertThat(region.extents(0, region.size()))
          .containsExactly(
              new Extent(0, 2 * c, Content.ZERO),
              new Extent(2 * c, c, Content.DATA),
              new Extent(3 * c, 2 * c + 100, Content.ZERO));
      assertThat(region.extents(2 * c - 10, 20))
          .containsExactly(
              new Extent(2 * c - 10, 10, Content.ZERO), new Extent(2 * c, 10, Content.DATA));
      assertThat(region.extents(5, 0)).isEmpty();
      region.read(0, MemorySegment.ofArray(new byte[2 * Samples.CHUNK]));
      assertThat(reader.cachedBytes()).isZero();
    }
  }

  @Test
  void readsOutsideAreRefusedAndSoAreWrites() throws Exception {
    Path file = dir.resolve("p.ark");
    Samples.write(file);
    try (ArkReader reader = ArkReader.open(file)) {
      Region region = reader.resource("kernel");
      MemorySegment two = MemorySegment.ofArray(new byte[2]);
      assertThatThrownBy(() -> region.read(region.size() - 1, two))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> region.read(-1, two)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> region.write(0, two))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("read-only");
      assertThatThrownBy(() -> reader.resource("disk7"))
          .isInstanceOf(ArkException.class)
          .hasMessageContaining("disk7")
          .hasMessageContaining("one of config, kernel");
    }
  }

  @Test
  void extractWritesTheResourceWithHolesWhereItIsZero() throws Exception {
    Path file = dir.resolve("p.ark");
    byte[] memory = new byte[64 * Samples.CHUNK];
    new Random(1).nextBytes(memory);
    Arrays.fill(memory, Samples.CHUNK, 63 * Samples.CHUNK, (byte) 0);
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("memory", memory).write(file, Progress.NONE);
    }
    Path out = dir.resolve("memory");
    try (ArkReader reader = ArkReader.open(file)) {
      reader.extract("memory", out, Progress.NONE);
    }
    assertThat(Files.readAllBytes(out)).isEqualTo(memory);
    assertThat(((Number) Files.getAttribute(out, "unix:nlink")).intValue()).isEqualTo(1);
  }

  @Test
  void filesAndRegionsAreTakenLikeBytes() throws Exception {
    byte[] kernel = Samples.bytes(11, 700_000);
    Path source = Files.write(dir.resolve("vmlinuz"), kernel);
    Path first = dir.resolve("1.ark");
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("kernel", source).write(first, Progress.NONE);
    }
    Path second = dir.resolve("2.ark");
    try (ArkReader reader = ArkReader.open(first);
        ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("kernel", reader.resource("kernel")).write(second, Progress.NONE);
    }
    assertThat(Files.mismatch(first, second)).isEqualTo(-1);
  }

  @Test
  void progressRunsToTheTotal() throws Exception {
    Path file = dir.resolve("p.ark");
    List<Long> seen = new ArrayList<>();
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("memory", Samples.bytes(3, 3_000_000));
      writer.write(
          file,
          (done, total) -> {
            assertThat(total).isEqualTo(3_000_000);
            seen.add(done);
          });
    }
    assertThat(seen).isSorted().last().isEqualTo(3_000_000L);
    List<Long> checked = new ArrayList<>();
    try (ArkReader reader = ArkReader.open(file)) {
      reader.verify((done, total) -> {
        checked.add(done);
        assertThat(done).isLessThanOrEqualTo(total);
      });
    }
    assertThat(checked).isSorted().last().satisfies(d -> assertThat(d).isGreaterThan(3_000_000L));
  }
}
