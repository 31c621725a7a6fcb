package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.wire.CodecChooser.Estimate;
import dev.architekt.migration.wire.CodecChooser.Measured;
import org.junit.jupiter.api.Test;

class CodecChooserTest {
  private static final Estimate LZ4 = new Estimate(2, 0.5);
  private static final Estimate ZSTD = new Estimate(8, 0.35);

  /** Of a guest that stands still: time is all that counts. */
  private static Codec paused(double megabytesPerSecond, double idle) {
    return CodecChooser.choose(
        Codec.RAW, new Measured(1e3 / megabytesPerSecond, 0, idle, LZ4, ZSTD));
  }

  private static Codec running(double megabytesPerSecond, Estimate lz4, Estimate zstd) {
    return CodecChooser.choose(
        Codec.RAW, new Measured(1e3 / megabytesPerSecond, CodecChooser.WORTH_NANOS, 0, lz4, zstd));
  }

  @Test
  void whileTheGuestStandsStillAFastLineIsNotWorthCompressingFor() {
    assertThat(paused(1500, 1)).isEqualTo(Codec.RAW);
  }

  @Test
  void whileTheGuestRunsBytesAreSavedOnAFastLineAndABusyHostToo() {
    assertThat(running(1500, LZ4, ZSTD)).isEqualTo(Codec.LZ4);
  }

  @Test
  void aHostThatIsTooSlowSendsBytesAsTheyAre() {
    assertThat(running(1500, new Estimate(30, 0.6), new Estimate(90, 0.4))).isEqualTo(Codec.RAW);
  }

  @Test
  void aGigabitIsWorthLz4() {
    assertThat(paused(117, 1)).isEqualTo(Codec.LZ4);
  }

  @Test
  void aSlowLineIsWorthZstandard() {
    assertThat(paused(5, 0.8)).isEqualTo(Codec.ZSTD);
    assertThat(running(5, LZ4, ZSTD)).isEqualTo(Codec.ZSTD);
  }

  @Test
  void whatDoesNotCompressIsSentAsItIs() {
    Estimate nothing = new Estimate(2, 1);
    assertThat(CodecChooser.choose(Codec.LZ4, new Measured(80, 0, 1, nothing, nothing)))
        .isEqualTo(Codec.RAW);
  }

  @Test
  void aSmallAdvantageDoesNotChangeTheCodec() {
    // 2 + 0.5 × 4.1 against 4.1: better, but by less than a tenth.
    assertThat(CodecChooser.choose(Codec.RAW, new Measured(4.1, 0, 1, LZ4, ZSTD)))
        .isEqualTo(Codec.RAW);
  }
}
