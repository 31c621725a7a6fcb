package dev.architekt.node.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.Bounds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootPagesTest {
  private static final int PAGE = Bounds.PAGE_BYTES;

  @TempDir Path folder;

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static byte[] noise(int bytes, long seed) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static MemorySegment page(byte[] content, int number) {
    return Arena.ofAuto()
        .allocate(PAGE, PAGE)
        .copyFrom(MemorySegment.ofArray(content).asSlice((long) number * PAGE, PAGE));
  }

  @Test
  void findsEachWholePageOfBothFiles() throws IOException {
    byte[] kernel = noise(20 * PAGE + 100, 1);
    byte[] initramfs = noise(7 * PAGE, 2);
    List<Path> files = List.of(file("kernel", kernel), file("initramfs", initramfs));
    try (BootPages pages = new BootPages(files)) {
      assertThat(pages.count()).isEqualTo(27);
      for (int i = 0; i < 27; i++) {
        MemorySegment wanted = i < 20 ? page(kernel, i) : page(initramfs, i - 20);
        assertThat(pages.find(wanted)).isEqualTo(i);
      }
      MemorySegment across = Arena.ofAuto().allocate(4L * PAGE, PAGE);
      pages.read(18, across);
      assertThat(across.asSlice(0, PAGE).mismatch(page(kernel, 18))).isNegative();
      assertThat(across.asSlice(3L * PAGE, PAGE).mismatch(page(initramfs, 1))).isNegative();
      assertThatThrownBy(() -> pages.read(26, across)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatOnlyLooksAlikeIsNotTaken() throws IOException {
    byte[] kernel = noise(PAGE, 3);
    try (BootPages pages = new BootPages(List.of(file("kernel", kernel)))) {
      for (int i = 0; i < PAGE; i++) {
        byte[] other = kernel.clone();
        other[i] ^= 1;
        assertThat(pages.find(page(other, 0))).as("byte " + i).isEqualTo(-1);
      }
    }
  }

  @Test
  void pagesThatAreTheSameAreOne() throws IOException {
    byte[] kernel = new byte[3 * PAGE];
    try (BootPages pages = new BootPages(List.of(file("kernel", kernel)))) {
      assertThat(pages.find(page(kernel, 2))).isEqualTo(0);
    }
  }
}
