package dev.architekt.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What writing costs, and what it leaves when it does not finish. */
@Tag("quick")
class WriterTest {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void memoryOfZeroesCostsAlmostNothing(boolean regionTells) throws Exception {
    Path file = dir.resolve("p.ark");
    long start = System.nanoTime();
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("memory", Samples.zeroes(256 * MIB, regionTells)).write(file, Progress.NONE);
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertThat(Files.size(file)).isLessThan(400 * 1024);
    assertThat(millis).as("milliseconds").isLessThan(15_000);
    try (ArkReader reader = ArkReader.open(file)) {
      Region memory = reader.resource("memory");
      assertThat(memory.extents(0, memory.size()))
          .containsExactly(new Region.Extent(0, 256 * MIB, Region.Content.ZERO));
      reader.verify(Progress.NONE);
    }
    System.out.printf("256 MiB of zeroes: %d bytes, written in %d ms%n", Files.size(file), millis);
  }

  @Test
  void aSourceThatFailsLeavesNothingAndTheOldPackageInPlace() throws Exception {
    Path file = Files.writeString(dir.resolve("p.ark"), "old");
    Region failing = new Failing(4 * MIB);
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("memory", failing);
      assertThatThrownBy(() -> writer.write(file, Progress.NONE))
          .isInstanceOf(IOException.class)
          .hasMessage("disk on fire at 2097152");
    }
    assertThat(Files.readString(file)).isEqualTo("old");
    assertThat(names()).containsExactly("p.ark");
    assertNoPackingThreads();
  }

  @Test
  void anInterruptLeavesNothing() throws Exception {
    Path file = dir.resolve("p.ark");
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("memory", Samples.bytes(1, 1 << 24));
      assertThatThrownBy(() ->
              writer.write(
                  file,
                  (done, total) -> {
                    if (done > total / 2) {
                      Thread.currentThread().interrupt();
                    }
                  }))
          .isInstanceOf(InterruptedException.class);
    }
    Thread.interrupted();
    assertThat(names()).isEmpty();
    assertNoPackingThreads();
  }

  @Test
  void nothingHasANameWhileItIsWritten() throws Exception {
    try (TargetFile file = TargetFile.create(dir.resolve("p.ark"))) {
      file.append(new byte[3 << 20], 3 << 20);
      assertThat(names()).isEmpty();
      file.publish();
      assertThat(names()).containsExactly("p.ark");
    }
    assertThat(Files.size(dir.resolve("p.ark"))).isEqualTo(3 << 20);
  }

  @Test
  void withoutUnnamedFilesAHiddenOneIsRemovedOrRenamed() throws Exception {
    Path target = dir.resolve("p.ark");
    try (TargetFile file = TargetFile.create(target, false)) {
      file.append(new byte[10], 10);
      assertThat(names()).singleElement().asString().startsWith(".p.ark.").endsWith(".part");
    }
    assertThat(names()).isEmpty();
    try (TargetFile file = TargetFile.create(target, false)) {
      file.append(new byte[10], 10);
      file.publish();
    }
    assertThat(names()).containsExactly("p.ark");
    assertThat(Files.size(target)).isEqualTo(10);
  }

  @Test
  void aPackageReplacesTheOneBefore() throws Exception {
    Path file = dir.resolve("p.ark");
    Samples.write(file);
    Samples.write(file);
    assertThat(names()).containsExactly("p.ark");
    try (ArkReader reader = ArkReader.open(file)) {
      reader.verify(Progress.NONE);
    }
  }

  @Test
  void impossibleTargetsAndNamesAreRefusedBeforeAnyWork() throws Exception {
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      writer.add("config", new byte[1]);
      assertThatThrownBy(() -> writer.write(dir.resolve("no/such/p.ark"), Progress.NONE))
          .isInstanceOf(NotDirectoryException.class)
          .hasMessageContaining("create it first");
      assertThatThrownBy(() -> writer.write(dir, Progress.NONE))
          .hasMessageContaining("is a directory");
      assertThatThrownBy(() -> writer.add("config", new byte[1])).hasMessageContaining("twice");
    }
    try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
      assertThatThrownBy(() -> writer.add("Kernel!", new byte[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("resource");
    }
  }

  @Test
  void aFullDiskIsSaidWithWhatToDo() throws Exception {
    // A file system of 64 KiB, which only root can mount.
    Path small = Files.createDirectory(dir.resolve("small"));
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=65536", "none", small.toString())
            .redirectErrorStream(true)
            .start();
    assumeTrue(mount.waitFor() == 0, "needs the right to mount a tmpfs");
    try {
      try (ArkWriter writer = new ArkWriter(Samples.manifest())) {
        writer.add("memory", Samples.bytes(1, 1 << 23));
        assertThatThrownBy(() -> writer.write(small.resolve("p.ark"), Progress.NONE))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("No space left")
            .hasMessageContaining("free some space");
      }
      try (Stream<Path> files = Files.list(small)) {
        assertThat(files).isEmpty();
      }
    } finally {
      ToolsTest.run("umount", small.toString());
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static long packingThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("ark-pack") && thread.isAlive())
        .count();
  }

  /** Noise up to the middle, then an error. */
  private static final class Failing extends Noise {
    Failing(long size) {
      super(size);
    }

    @Override
    public void read(long offset, MemorySegment target) throws IOException {
      if (offset >= size() / 2) {
        throw new IOException("disk on fire at " + offset);
      }
      super.read(offset, target);
    }
  }

  /** Threads end a moment after the call that ended them has returned. */
  private static void assertNoPackingThreads() throws InterruptedException {
    for (int i = 0; i < 200 && packingThreads() > 0; i++) {
      Thread.sleep(25);
    }
    assertThat(packingThreads()).isZero();
  }
}
