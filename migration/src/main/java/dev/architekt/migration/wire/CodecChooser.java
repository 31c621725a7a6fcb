package dev.architekt.migration.wire;

/**
 * Which codec serves best: a pure function of what was measured.
 *
 * <p>A lane compresses and sends one after the other, so the time of a byte is that of compressing
 * it plus that of sending what is left of it. Where the processors are busy, compression takes its
 * time from the guest, and counts for more. While the guest runs, a byte is worth something on the
 * fastest line too: both hosts copy and sum it several times, and others use the line. While the
 * guest stands still, only time counts.
 */
final class CodecChooser {
  /** Compression counts up to this many times its duration when no processor is idle. */
  static final double BUSY_FACTOR = 1.5;

  /** A codec that compresses must be this much better before it replaces the present one. */
  static final double HYSTERESIS = 0.9;

  /** What a byte is worth beside its time on the line, while the guest runs. */
  static final double WORTH_NANOS = 25;

  /**
   * What a codec costs and yields.
   *
   * @param nanosPerByte processor time to compress one byte
   * @param ratio bytes out per byte in
   */
  record Estimate(double nanosPerByte, double ratio) {
    /**
     * With one more sample, slowly: memory has long stretches that do not compress (a kernel's
     * image, say) between those that do.
     */
    Estimate with(double sampleNanosPerByte, double sampleRatio) {
      return new Estimate(
          nanosPerByte + (sampleNanosPerByte - nanosPerByte) / 32,
          ratio + (sampleRatio - ratio) / 128);
    }
  }

  /**
   * Everything the choice depends on.
   *
   * @param lineNanosPerByte time that the line takes for a byte, 1e9 / throughput
   * @param worthNanosPerByte what a byte is worth beside that: {@link #WORTH_NANOS} or 0
   * @param idle share of all processors that is idle, 0 to 1
   */
  record Measured(
      double lineNanosPerByte, double worthNanosPerByte, double idle, Estimate lz4, Estimate zstd) {
    double byteNanos() {
      return lineNanosPerByte + worthNanosPerByte;
    }
  }

  private CodecChooser() {}

  static Codec choose(Codec present, Measured m) {
    Codec best = present;
    if (cost(Codec.RAW, m) <= cost(present, m)) {
      best = Codec.RAW;
    }
    double bestCost = cost(best, m) * HYSTERESIS;
    if (cost(Codec.LZ4, m) < bestCost) {
      best = Codec.LZ4;
      bestCost = cost(best, m);
    }
    if (cost(Codec.ZSTD, m) < bestCost) {
      best = Codec.ZSTD;
    }
    return best;
  }

  /** Whether a codec could pay at all, if everything compressed to nothing: whether to try it. */
  static boolean mayPay(Codec codec, Measured m) {
    return compressing(codec, m) < m.byteNanos();
  }

  private static double cost(Codec codec, Measured m) {
    double ratio =
        switch (codec) {
          case LZ4 -> m.lz4().ratio();
          case ZSTD -> m.zstd().ratio();
          case RAW, ZERO, BASE -> 1;
        };
    return compressing(codec, m) + ratio * m.byteNanos();
  }

  private static double compressing(Codec codec, Measured m) {
    double nanos =
        switch (codec) {
          case LZ4 -> m.lz4().nanosPerByte();
          case ZSTD -> m.zstd().nanosPerByte();
          case RAW, ZERO, BASE -> 0;
        };
    return nanos * (BUSY_FACTOR - (BUSY_FACTOR - 1) * m.idle());
  }
}
