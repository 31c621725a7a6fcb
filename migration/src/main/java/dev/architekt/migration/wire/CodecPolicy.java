package dev.architekt.migration.wire;

import dev.architekt.migration.wire.CodecChooser.Estimate;
import dev.architekt.migration.wire.CodecChooser.Measured;

/** Measures for {@link CodecChooser} on one lane. Confined to the lane's write lock. */
class CodecPolicy {
  /** Runs between two trials of a codec that is not in use. */
  private static final int TRIAL_EVERY = 32;

  /** Runs between two choices. */
  private static final int CHOOSE_EVERY = 8;

  private Codec present = Codec.LZ4;
  // Memory of a Redis guest on the machines measured; the first runs replace them.
  private Estimate lz4 = new Estimate(1.5, 0.57);
  private Estimate zstd = new Estimate(2.5, 0.45);
  // A fast line until the line says otherwise: compressing for nothing would cost the guest.
  private double lineNanosPerByte = 1;
  private long windowBytes;
  private long windowNanos;
  private int runs;

  /**
   * The codec for the next run.
   *
   * @param settled the guest stands still while the run is sent
   */
  Codec next(boolean settled) {
    if (settled) {
      return CodecChooser.choose(Codec.RAW, measured(0));
    }
    if (runs % CHOOSE_EVERY == 0) {
      present = CodecChooser.choose(present, measured(CodecChooser.WORTH_NANOS));
    }
    runs++;
    if (runs % TRIAL_EVERY == 0) {
      Codec trial = runs / TRIAL_EVERY % 4 == 0 ? Codec.ZSTD : Codec.LZ4;
      if (trial != present && CodecChooser.mayPay(trial, measured(CodecChooser.WORTH_NANOS))) {
        return trial;
      }
    }
    return present;
  }

  /** A run was compressed. */
  void compressed(Codec codec, int plainBytes, int encodedBytes, long nanos) {
    double nanosPerByte = (double) nanos / plainBytes;
    double ratio = Math.min(1, (double) encodedBytes / plainBytes);
    if (codec == Codec.LZ4) {
      lz4 = lz4.with(nanosPerByte, ratio);
    } else {
      zstd = zstd.with(nanosPerByte, ratio);
    }
  }

  /** Bytes went to the kernel. Single calls say little (a queue takes them at once), many do. */
  void sent(long bytes, long nanos) {
    windowBytes += bytes;
    windowNanos += nanos;
    if (windowBytes >= 1 << 20) {
      lineNanosPerByte += ((double) windowNanos / windowBytes - lineNanosPerByte) / 2;
      windowBytes = 0;
      windowNanos = 0;
    }
  }

  private Measured measured(double worthNanosPerByte) {
    return new Measured(lineNanosPerByte, worthNanosPerByte, CpuIdle.share(), lz4, zstd);
  }
}
