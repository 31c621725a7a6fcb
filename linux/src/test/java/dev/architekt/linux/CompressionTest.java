package dev.architekt.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompressionTest {
  private static final int SIZE = 256 << 10;

  private final Zstd zstd = new Zstd();

  private interface Copy {
    int apply(MemorySegment source, MemorySegment target);
  }

  private record Codec(Copy compression, Copy decompression) {
    int compress(MemorySegment source, MemorySegment target) {
      return compression.apply(source, target);
    }

    int decompress(MemorySegment source, MemorySegment target) {
      return decompression.apply(source, target);
    }
  }

  private List<Codec> codecs() {
    return List.of(
        new Codec(Lz4::compress, Lz4::decompress), new Codec(zstd::compress, zstd::decompress));
  }

  private static MemorySegment noise() {
    byte[] bytes = new byte[SIZE];
    new Random(7).nextBytes(bytes);
    return Arena.ofAuto().allocate(SIZE).copyFrom(MemorySegment.ofArray(bytes));
  }

  private static MemorySegment text() {
    MemorySegment all = Arena.ofAuto().allocate(SIZE);
    for (int i = 0; i < SIZE; i++) {
      all.set(ValueLayout.JAVA_BYTE, i, (byte) ("a line of text ".charAt((i + i / 70) % 15)));
    }
    return all;
  }

  private static MemorySegment bounded() {
    return Arena.ofAuto().allocate(Math.max(Lz4.bound(SIZE), Zstd.bound(SIZE)));
  }

  @Test
  void bytesComeBack() {
    for (Codec codec : codecs()) {
      for (MemorySegment data : new MemorySegment[] {text(), noise()}) {
        MemorySegment block = bounded();
        int written = codec.compress(data, block);
        MemorySegment back = Arena.ofAuto().allocate(SIZE);
        assertThat(codec.decompress(block.asSlice(0, written), back)).isEqualTo(SIZE);
        assertThat(back.mismatch(data)).isEqualTo(-1);
      }
      assertThat(codec.compress(text(), bounded())).isLessThan(SIZE / 4);
    }
  }

  @Test
  void theBoundHoldsForWhatDoesNotCompress() {
    for (Codec codec : codecs()) {
      MemorySegment exact = Arena.ofAuto().allocate(Lz4.bound(SIZE));
      assertThat(codec.compress(noise(), exact))
          .isGreaterThan(SIZE)
          .isLessThan((int) exact.byteSize());
    }
  }

  @Test
  void tooSmallATargetIsAnErrorAndNothingIsWrittenBehindIt() {
    for (Codec codec : codecs()) {
      MemorySegment block = bounded();
      int written = codec.compress(text(), block);
      MemorySegment around = Arena.ofAuto().allocate(SIZE).fill((byte) 0x55);
      assertThat(codec.decompress(block.asSlice(0, written), around.asSlice(0, 1000))).isNegative();
      for (int i = 1000; i < SIZE; i++) {
        assertThat(around.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) 0x55);
      }
      assertThatThrownBy(() -> codec.compress(noise(), around.asSlice(0, 1000)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1000 bytes are too few");
    }
  }

  @Test
  void nonsenseIsNoBlock() {
    for (Codec codec : codecs()) {
      assertThat(codec.decompress(noise(), Arena.ofAuto().allocate(SIZE))).isNegative();
    }
  }
}
