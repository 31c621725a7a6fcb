package dev.architekt.region;

import static dev.architekt.region.Region.PAGE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.region.Region.Content;
import dev.architekt.region.Region.Extent;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersTest {
  private static final int SIZE = 100 * PAGE_SIZE + 77;
  @TempDir Path temp;

  @Test
  void memoryKeepsWhatIsWritten() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE)) {
      byte[] model = new byte[SIZE];
      Random random = new Random(1);
      for (int i = 0; i < 500; i++) {
        int offset = random.nextInt(SIZE);
        int length = random.nextInt(SIZE - offset);
        byte[] bytes = new byte[length];
        if (random.nextBoolean()) {
          random.nextBytes(bytes);
          region.write(offset, Bytes.of(bytes));
        } else {
          region.zero(offset, length);
        }
        System.arraycopy(bytes, 0, model, offset, length);
      }
      assertThat(Bytes.read(region, 0, SIZE)).isEqualTo(model);
      region.zero(0, SIZE);
      region.write(PAGE_SIZE + 1, Bytes.filled(1, 1));
      assertThat(region.extents(10, SIZE - 10))
          .containsExactly(
              new Extent(10, PAGE_SIZE - 10, Content.ZERO),
              new Extent(PAGE_SIZE, PAGE_SIZE, Content.DATA),
              new Extent(2 * PAGE_SIZE, SIZE - 2 * PAGE_SIZE, Content.ZERO));
      assertThatThrownBy(() -> region.write(SIZE, Bytes.filled(1, 1)))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void aFaultyRegionFailsTheChosenCallsOnly() throws Exception {
    try (MemoryRegion memory = new MemoryRegion(SIZE)) {
      FaultyRegion once = FaultyRegion.once(memory, 2, () -> new IOException("planned"));
      once.write(0, Bytes.filled(1, 10));
      assertThatThrownBy(() -> once.read(0, Bytes.filled(0, 10))).hasMessage("planned");
      once.flush();
      assertThat(once.calls()).isEqualTo(3);
      FaultyRegion always = FaultyRegion.from(memory, 1, () -> new IOException("planned"));
      assertThatThrownBy(always::flush).hasMessage("planned");
      assertThatThrownBy(() -> always.zero(0, 1)).hasMessage("planned");
    }
  }

  @Test
  void delayAndRateTakeTheirTime() throws Exception {
    try (MemoryRegion memory = new MemoryRegion(SIZE)) {
      long begin = System.nanoTime();
      new DelayedRegion(memory, Duration.ofMillis(30)).read(0, Bytes.filled(0, 1));
      assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(30_000_000);
      RateLimitedRegion slow = new RateLimitedRegion(memory, 1_000_000);
      begin = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        slow.write(0, Bytes.filled(1, 20_000));
      }
      assertThat(System.nanoTime() - begin).isBetween(100_000_000L, 1_000_000_000L);
    }
  }

  @Test
  void aReadOnlyRegionRefusesEveryChange() throws Exception {
    try (ReadOnlyRegion region = new ReadOnlyRegion(new MemoryRegion(SIZE))) {
      assertThatThrownBy(() -> region.write(0, Bytes.filled(1, 1)))
          .isInstanceOf(ReadOnlyFileSystemException.class);
      assertThatThrownBy(() -> region.zero(0, 1)).isInstanceOf(ReadOnlyFileSystemException.class);
      assertThatThrownBy(() -> region.trim(0, 1)).isInstanceOf(ReadOnlyFileSystemException.class);
      assertThat(region.capabilities()).doesNotContain(Region.Capability.WRITE);
      assertThat(Bytes.read(region, 0, 10)).containsOnly(0);
    }
  }

  @Test
  void copyOnWriteLeavesTheSharedBaseAlone() throws Exception {
    byte[] model = new byte[101 * PAGE_SIZE];
    Random random = new Random(3);
    try (MemoryRegion base = new MemoryRegion(SIZE)) {
      byte[] original = new byte[SIZE];
      random.nextBytes(original);
      base.write(0, Bytes.of(original));
      System.arraycopy(original, 0, model, 0, SIZE);
      LocalStore top =
          LocalStore.create(
              temp.resolve("top"),
              "vm",
              model.length,
              LocalStore.Start.ABSENT,
              StoreOptions.failing());
      try (CopyOnWriteRegion region = new CopyOnWriteRegion(base, top)) {
        for (int i = 0; i < 300; i++) {
          int offset = random.nextInt(model.length);
          int length = random.nextInt(Math.min(model.length - offset, 5 * PAGE_SIZE) + 1);
          byte[] bytes = new byte[length];
          if (random.nextBoolean()) {
            random.nextBytes(bytes);
            region.write(offset, Bytes.of(bytes));
          } else {
            region.zero(offset, length);
          }
          System.arraycopy(bytes, 0, model, offset, length);
          int from = random.nextInt(model.length - 3 * PAGE_SIZE);
          assertThat(Bytes.read(region, from, 3 * PAGE_SIZE))
              .isEqualTo(java.util.Arrays.copyOfRange(model, from, from + 3 * PAGE_SIZE));
          if (i == 10) {
            assertThat(region.extents(0, model.length))
                .noneMatch(extent -> extent.content() == Content.ABSENT);
          }
        }
        assertThat(Bytes.read(region, 0, model.length)).isEqualTo(model);
      }
      assertThat(Bytes.read(base, 0, SIZE)).isEqualTo(original);
    }
  }
}
