package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.wire.CodecChooser.Estimate;
import dev.architekt.migration.wire.CodecChooser.Measured;
import org.junit.jupiter.api.Test;

class CodecChooserTest {
  private static final Estimate LZ4 = new Estimate(2, 0.5);
  private static final Estimate ZSTD = new Estimate(8, 0.35);

  private static Codec choose(double megabytesPerSecond, double idle) {
    return CodecChooser.choose(Codec.RAW, new Measured(1e3 / megabytesPerSecond, idle, LZ4, ZSTD));
  }

  @Test
  void aFastLineIsNotWorthCompressingFor() {
    assertThat(choose(1500, 1)).isEqualTo(Codec.RAW);
  }

  @Test
  void aGigabitIsWorthLz4WhenThereIsIdleTime() {
    assertThat(choose(117, 1)).isEqualTo(Codec.LZ4);
    assertThat(choose(117, 0)).isEqualTo(Codec.RAW);
  }

  @Test
  void aSlowLineIsWorthZstandard() {
    assertThat(choose(5, 0.8)).isEqualTo(Codec.ZSTD);
  }

  @Test
  void whatDoesNotCompressIsSentAsItIs() {
    Estimate nothing = new Estimate(2, 1);
    assertThat(CodecChooser.choose(Codec.LZ4, new Measured(80, 1, nothing, nothing)))
        .isEqualTo(Codec.RAW);
  }

  @Test
  void aSmallAdvantageDoesNotChangeTheCodec() {
    // 2 + 0.5 × 4.1 against 4.1: better, but by less than a tenth.
    assertThat(CodecChooser.choose(Codec.RAW, new Measured(4.1, 1, LZ4, ZSTD)))
        .isEqualTo(Codec.RAW);
  }
}
